/** A section of a checkpoint that is JSON: small, read by people too, and believed only in the shape it must have. */
import { messageOf } from '../../foundation/errors.ts';
import type { Shape } from '../../foundation/shape.ts';
import { damaged, unfit } from './checkpoint-error.ts';

/** What is counted: a safe integer from 0. */
export const isCount: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {CheckpointError} 'unfit' for what JSON cannot hold at all */
export function toJson(section: string, value: unknown): Uint8Array {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    cause = thrown;
  }
  if (text === undefined)
    throw unfit(`expected JSON for '${section}', got ${cause ? messageOf(cause) : typeof value}`, cause);
  return new TextEncoder().encode(text);
}

/** @throws {CheckpointError} 'damaged' */
export function fromJson(section: string, bytes: Uint8Array, shape: Shape): unknown {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw damaged(`expected JSON in the section '${section}', got ${messageOf(cause)}`, cause);
  }
  if (!shape(value)) throw damaged(`expected the section '${section}' as this version writes it, got other JSON`);
  return value;
}
