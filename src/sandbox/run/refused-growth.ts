/**
 * When glue last asked for more memory than there may be: that of Emscripten grows a guest's memory from JavaScript,
 * in large steps, and tells the guest alone that it failed. Growth by the guest's own code cannot be seen.
 */
import { systemClock } from '../../foundation/clock.ts';

let lastMs = Number.NEGATIVE_INFINITY;

/** Changes `grow` of all memories of this thread. Called once, before any glue is loaded. */
export function watchGrowth(): void {
  const { prototype } = WebAssembly.Memory;
  const grow = Reflect.get(prototype, 'grow') as (this: WebAssembly.Memory, pages: number) => number;
  prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    try {
      return grow.call(this, pages);
    } catch (error) {
      if (error instanceof RangeError) lastMs = systemClock.now();
      throw error;
    }
  };
}

/** In milliseconds of the thread's clock; −Infinity where no growth was refused. */
export function lastRefusedGrowthMs(): number {
  return lastMs;
}
