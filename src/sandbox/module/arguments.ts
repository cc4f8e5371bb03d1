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
  if (args.length !== params.length) {
    return wrongArguments(`${name}: expected ${params.length} arguments (${params.join(', ')}), got ${args.length}`);
  }
  for (let i = 0; i < params.length; i++) {
    if (!fits(params[i] as ValueType, args[i])) {
      return wrongArguments(
        `${name}: argument ${i} expected ${wanted(params[i] as ValueType)}, got ${quoted(args[i])}`,
      );
    }
  }
  return undefined;
}

/** True when every parameter and result can cross: no v128, no references. */
export function isCallable({ params, results }: Signature): boolean {
  return [...params, ...results].every((type) => type !== 'v128' && type !== 'ref');
}

function fits(type: ValueType, value: unknown): boolean {
  switch (type) {
    case 'i32':
      return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32;
    case 'i64':
      return typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n;
    case 'f32':
    case 'f64':
      return typeof value === 'number';
    case 'v128':
    case 'ref':
      return false;
  }
}

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
