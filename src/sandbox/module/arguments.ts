/**
 * Checks the arguments of a raw export on the host, against the signature read from its bytes.
 * WebAssembly itself would convert almost anything in silence: 1.5 to 1, '7' to 7, {} to 0.
 */
import { wrongArguments } from '../../foundation/call-errors.ts';
import type { SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import type { Signature, ValueType } from './describe-module.ts';

/** Undefined when `args` fit; otherwise the error. O(number of arguments), no allocation when they fit. */
export function argumentsError(
  name: string,
  signature: Signature,
  args: readonly unknown[],
): SandtuneError | undefined {
  const { params } = signature;
  const miscounted = countError(name, signature, args.length);
  if (miscounted) return miscounted;
  for (let i = 0; i < params.length; i++) {
    if (!fitting[params[i] as ValueType](args[i])) {
      return wrongArguments(
        `${name}: argument ${i} expected ${wanted(params[i] as ValueType)}, got ${quoted(args[i])}`,
      );
    }
  }
  return undefined;
}

/** Undefined when a call may have so many arguments; otherwise the error. */
export function countError(name: string, { params }: Signature, count: number): SandtuneError | undefined {
  if (count === params.length) return undefined;
  return wrongArguments(`${name}: expected ${params.length} arguments (${params.join(', ')}), got ${count}`);
}

/** True when every parameter and result can cross: no v128, no references. */
export function isCallable({ params, results }: Signature): boolean {
  return [...params, ...results].every((type) => type !== 'v128' && type !== 'ref');
}

/** What may be given for each type. */
export const fitting: Readonly<Record<ValueType, (value: unknown) => boolean>> = {
  i32: (value) =>
    typeof value === 'number' &&
    ((value | 0) === value || (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32)),
  i64: (value) => typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n,
  f32: (value) => typeof value === 'number',
  f64: (value) => typeof value === 'number',
  v128: () => false,
  ref: () => false,
};

function wanted(type: ValueType): string {
  switch (type) {
    case 'i32':
      return 'an integer of 32 bits (a number)';
    case 'i64':
      return 'an integer of 64 bits (a bigint)';
    case 'f32':
    case 'f64':
      return `a number (${type})`;
    case 'v128':
    case 'ref':
      return `nothing that can be passed (${type})`;
  }
}
