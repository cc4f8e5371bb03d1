/**
 * An exception that a guest threw by the instruction `throw`, and that nothing in it caught, as an error that says
 * so. What it carries can be read by its tag alone, so it is told where the guest exports that tag. V8 keeps no
 * stack of such an exception unless JavaScript has made it and asked for one.
 * @see https://webassembly.github.io/spec/js-api/#exceptions
 */
import { quoted } from '../../foundation/options.ts';

interface GuestException {
  is(tag: object): boolean;
  getArg(tag: object, index: number): unknown;
  readonly stack?: unknown;
}

// Node's types leave them out, and a binding could put others in their place.
const { Exception, Tag } = WebAssembly as unknown as Record<'Exception' | 'Tag', new (...args: never[]) => object>;

/** Values of an exception that are told. */
const mostValues = 10;

export function isGuestException(value: object): value is GuestException {
  return value instanceof Exception;
}

/** @param exports of the guest; undefined where there is no instance */
export function exceptionError(exception: GuestException, exports: Readonly<Record<string, unknown>> = {}): Error {
  const tag = Object.entries(exports).find(([, one]) => one instanceof Tag && exception.is(one));
  const error = new Error(
    tag
      ? `an exception of its tag ${quoted(tag[0])}, which nothing caught`
      : 'an exception of a tag that the guest does not export, which nothing caught',
  );
  error.name = 'WebAssembly.Exception';
  const { stack } = exception;
  error.stack = typeof stack === 'string' ? stack : `${error.name}: ${error.message}`;
  return tag ? Object.assign(error, { tag: tag[0], values: valuesOf(exception, tag[1] as object) }) : error;
}

function valuesOf(exception: GuestException, tag: object): readonly unknown[] {
  const values: unknown[] = [];
  try {
    while (values.length < mostValues) values.push(exception.getArg(tag, values.length));
  } catch {
    // There are no more of them, or the next one is of a type that JavaScript has not.
  }
  return values;
}
