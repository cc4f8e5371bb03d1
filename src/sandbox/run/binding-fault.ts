/** Thrown in a worker when what the host supplied (binding, imports) is at fault, not the guest. */
export class BindingFault extends Error {
  override readonly name = 'BindingFault';
}

/** Never throws, whatever `value` is. */
export function isBindingFault(value: unknown): value is BindingFault {
  try {
    return value instanceof BindingFault;
  } catch {
    return false;
  }
}
