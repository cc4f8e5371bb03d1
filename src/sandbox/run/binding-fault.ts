import { shortened } from './thrown.ts';

/** Thrown in a worker when what the host supplied (binding, imports) is at fault, not the guest. */
export class BindingFault extends Error {
  override readonly name = 'BindingFault';
  /** What the binding threw; undefined where it threw nothing. */
  readonly thrown: { readonly value: unknown } | undefined;

  /** @param message what was expected of the binding and what came, without the guest's name */
  constructor(message: string, thrown?: { readonly value: unknown }) {
    super(shortened(message));
    this.thrown = thrown;
  }
}

/** The guest imports what it is not given. */
export class MissingImport extends BindingFault {}

/** The host lists a function that `bind()` did not return. */
export class MissingFunction extends BindingFault {}

/** Never throws, whatever `value` is. */
export function isBindingFault(value: unknown): value is BindingFault {
  try {
    return value instanceof BindingFault;
  } catch {
    return false;
  }
}
