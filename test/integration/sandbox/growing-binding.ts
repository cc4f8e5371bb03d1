/** Grows its guest's memory as glue of Emscripten does: from JavaScript, and by more than there may be. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly fail: () => void;
}

export function bind({ memory, fail }: Exports) {
  return {
    leap: () => memory.grow(100),
    /** The guest makes do without. */
    leapInVain: () => {
      try {
        memory.grow(100);
      } catch {
        // It was refused.
      }
    },
    fail: () => fail(),
  };
}
