/**
 * What was thrown in a worker, as the host's user gets it: errors are real errors of the class of that
 * name, with the stack they had in the worker.
 */
import type { Thrown } from './thrown.ts';

type ErrorClass = new (message: string) => Error;

const classes: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    (one) => [one.name, one] as [string, ErrorClass],
  ),
  ['CompileError', WebAssembly.CompileError],
  ['LinkError', WebAssembly.LinkError],
  ['RuntimeError', WebAssembly.RuntimeError],
]);

export function reviveThrown(thrown: Thrown): unknown {
  switch (thrown.kind) {
    case 'value':
      return thrown.value;
    case 'text':
      return thrown.text;
    case 'list':
      return thrown.items.map(reviveThrown);
    case 'object': {
      const object = {};
      for (const [key, value] of thrown.fields) define(object, key, reviveThrown(value), true);
      return object;
    }
    case 'error':
      return reviveError(thrown);
  }
}

function reviveError({ name, message, stack, fields, cause, errors }: Thrown & { readonly kind: 'error' }): Error {
  const error = new (classes.get(name) ?? Error)(message);
  if (error.name !== name) define(error, 'name', name, false);
  define(error, 'stack', stack ?? `${name}: ${message}`, false);
  if (cause) define(error, 'cause', reviveThrown(cause), false);
  if (errors) define(error, 'errors', reviveThrown(errors), false);
  for (const [key, value] of fields) define(error, key, reviveThrown(value), true);
  return error;
}

/** Never runs a setter, which `__proto__` has on every object. */
function define(object: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}
