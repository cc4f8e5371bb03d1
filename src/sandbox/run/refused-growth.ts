/**
 * Whether a guest that failed had been refused memory by the host's cap.
 *
 *   Memory.grow() of glue ─▶ seen ─▶ refused, and the memory has not become larger since ─▶ known
 *   memory.grow of its own code ─▶ not seen ─▶ the memory has grown, up to its cap ────────▶ supposed
 *
 * Glue of Emscripten asks for more than it needs first and then for less: when it gets that, the guest was not
 * refused what it needed. A memory that glue has grown is not grown by its guest, so of that all is known. The
 * instruction is V8's alone, and leaves nothing behind when it fails: a guest that asks for much in one step while
 * there is less room is not found, and one that fails of something else in a memory that it has filled is. To know
 * that, each such instruction of the guest would have to be replaced, and the offsets in its stack with it.
 */
import { systemClock } from '../../foundation/clock.ts';
import type { CappedMemory } from '../module/memory-limits.ts';
import type { Instance } from './instance.ts';

const pageBytes = 65_536;

/** Growth that a memory did not get. */
interface RefusedGrowth {
  /** Time of the thread's clock. */
  readonly atMs: number;
  /** Bytes of the memory then. */
  readonly bytes: number;
  /** Pages that it would have had. */
  readonly pages: number;
}

/** Memories that glue has grown, or wanted to, and what was refused last of each. */
const asked = new WeakMap<WebAssembly.Memory, RefusedGrowth | undefined>();

/** Changes `grow` of all memories of this thread. Called once, before any glue is loaded. */
export function watchGrowth(): void {
  const { prototype } = WebAssembly.Memory;
  const grow = Reflect.get(prototype, 'grow') as (this: WebAssembly.Memory, pages: number | bigint) => number;
  prototype.grow = function (this: WebAssembly.Memory, pages: number | bigint) {
    try {
      const before = grow.call(this, pages);
      asked.set(this, undefined);
      return before;
    } catch (error) {
      if (error instanceof RangeError) {
        const bytes = this.buffer.byteLength;
        asked.set(this, { atMs: systemClock.now(), bytes, pages: bytes / pageBytes + Number(pages) });
      }
      throw error;
    }
  };
}

/** @param sinceMs when the call began, by the thread's clock */
export function wasRefusedMemory(
  { memory, exports }: Pick<Instance, 'memory' | 'exports'>,
  capped: readonly CappedMemory[],
  sinceMs: number,
): boolean {
  return capped.some((one) => {
    const found: unknown = one.isImported ? memory : exports[one.names[0] ?? ''];
    if (!(found instanceof WebAssembly.Memory)) return false;
    const bytes = found.buffer.byteLength;
    return asked.has(found) ? isInVain(bytes, one, asked.get(found), sinceMs) : isFilled(bytes, one);
  });
}

function isFilled(bytes: number, { minimum, cap }: CappedMemory): boolean {
  return bytes >= cap * pageBytes && cap > minimum;
}

/** What no engine would have granted, or the guest's own maximum forbids, was not refused by the cap. */
function isInVain(
  bytes: number,
  { cap, wanted }: CappedMemory,
  growth: RefusedGrowth | undefined,
  sinceMs: number,
): boolean {
  return (
    growth !== undefined &&
    growth.atMs >= sinceMs &&
    growth.bytes === bytes &&
    growth.pages > cap &&
    growth.pages <= wanted
  );
}
