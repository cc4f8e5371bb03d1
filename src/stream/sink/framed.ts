/** The bytes of records as they lie in a sink of bytes, in few large parts. */
import type { OutputRecord } from '../contracts.ts';
import type { Framing } from '../framing/framing.ts';

/** Records of at least this many bytes are parts of their own; smaller ones are copied together. */
export const ownPartBytes = 16_384;

/** @param framing undefined: nothing stands between them */
export function framedParts(records: readonly OutputRecord[], framing: Framing | undefined): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const endSmall = () => {
    if (small.length > 0) parts.push(small.length === 1 ? (small[0] as Uint8Array) : Buffer.concat(small));
    small = [];
  };
  const add = (bytes: Uint8Array) => {
    if (bytes.length < ownPartBytes) {
      if (bytes.length > 0) small.push(bytes);
      return;
    }
    endSmall();
    parts.push(bytes);
  };
  for (const { bytes } of records) {
    const around = framing?.around(bytes.length);
    if (around) add(around.before);
    add(bytes);
    if (around) add(around.after);
  }
  endSmall();
  return parts;
}
