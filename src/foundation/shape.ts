/**
 * Shapes of plain data that was read from somewhere: JSON that may be damaged, or somebody else's.
 * A shape looks at a value and says whether it is what the types promise. Nothing is converted.
 */

export type Shape = (value: unknown) => boolean;

export const isNumber: Shape = Number.isFinite;
/** What was measured or computed: a number that JSON cannot hold (NaN, an infinite end) comes back as null. */
export const isFigure: Shape = (value) => value === null || typeof value === 'number';
export const isText: Shape = (value) => typeof value === 'string';
export const isFlag: Shape = (value) => typeof value === 'boolean';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function oneOf(...allowed: readonly unknown[]): Shape {
  return (value) => allowed.includes(value);
}

export function anyOf(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

export function orNull(shape: Shape): Shape {
  return (value) => value === null || shape(value);
}

/** A field that may be left out. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

export function listOf(item: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(item);
}

/** An object of any keys whose values have one shape. */
export function recordOf(item: Shape): Shape {
  return (value) => isObject(value) && Object.values(value).every(item);
}

/** An object with these fields, own ones. Others may stand beside them, since a later version may add some. */
export function objectOf<T extends object>(fields: { readonly [K in keyof T]-?: Shape }): Shape {
  const named = Object.entries<Shape>(fields);
  return (value) =>
    isObject(value) && named.every(([name, shape]) => shape(Object.hasOwn(value, name) ? value[name] : undefined));
}
