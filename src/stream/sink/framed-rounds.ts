/**
 * Records as they lie in a sink of bytes, ready to be written, in rounds: small ones are copied one behind the other
 * into buffers of a pool, which are used again when their round was written; large ones are parts of their own.
 *
 *   records ─▶ fill what buffers there are ─▶ round ─▶ (written) ─▶ released ─▶ the next round
 *
 * Who waits for a buffer holds none, so that sinks which share a pool cannot wait for each other in a circle.
 */
import { type BufferPool, bufferTierBytes, type PooledBuffer } from '../buffer-pool.ts';
import type { OutputRecord } from '../contracts.ts';
import type { Framing } from '../framing/framing.ts';
import { ownPartBytes } from './framed.ts';

export interface RoundsOptions {
  readonly pool: BufferPool;
  readonly tenant: string;
  readonly signal: AbortSignal;
}

const [, mediumBytes, largeBytes] = bufferTierBytes;
const nothing = new Uint8Array(0);
const unframed = Object.freeze({ before: nothing, after: nothing });

/** @param framing undefined: nothing stands between them @throws what the framing throws; the signal's reason */
export async function* framedRounds(
  records: readonly OutputRecord[],
  framing: Framing | undefined,
  { pool, tenant, signal }: RoundsOptions,
): AsyncGenerator<readonly Uint8Array[], undefined, undefined> {
  let smallBytes = 0;
  for (const { bytes } of records) if (bytes.length < ownPartBytes) smallBytes += bytes.length;
  // Frames are a few bytes a record; where they do not fit as well, there is another buffer.
  const bufferBytes = smallBytes + 8 * records.length <= mediumBytes ? mediumBytes : largeBytes;
  const held: PooledBuffer[] = [];
  let parts: Uint8Array[] = [];
  let view = nothing;
  let from = 0;
  let at = 0;
  const endPart = () => {
    if (at > from) parts.push(view.subarray(from, at));
    from = at;
  };
  const release = () => {
    for (const buffer of held) buffer.release();
    held.length = 0;
    parts = [];
    view = nothing;
    from = 0;
    at = 0;
  };
  try {
    for (const { bytes } of records) {
      const { before, after } = framing?.around(bytes.length) ?? unframed;
      for (let place = 0; place < 3; place++) {
        const piece = place === 0 ? before : place === 1 ? bytes : after;
        if (piece.length === 0) continue;
        if (piece.length >= ownPartBytes) {
          endPart();
          parts.push(piece);
          continue;
        }
        if (view.length - at < piece.length) {
          endPart();
          let buffer = pool.tryTake(bufferBytes, { tenant });
          if (!buffer) {
            if (parts.length > 0) yield parts;
            release();
            buffer = await pool.take(bufferBytes, { tenant, signal });
          }
          held.push(buffer);
          view = buffer.bytes;
          from = 0;
          at = 0;
        }
        if (piece.length === 1) view[at++] = piece[0] as number;
        else {
          view.set(piece, at);
          at += piece.length;
        }
      }
    }
    endPart();
    if (parts.length > 0) yield parts;
  } finally {
    release();
  }
}
