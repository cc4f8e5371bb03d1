/** Grows its guest's memory as glue of Emscripten does: from JavaScript, and by more than there may be. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly fail: () => void;
  readonly step: () => void;
}

function tried(memory: WebAssembly.Memory, pages: number) {
  try {
    memory.grow(pages);
  } catch {
    // It was refused.
  }
}

export function bind({ memory, fail, step }: Exports) {
  return {
    leap: () => memory.grow(100),
    /** The guest makes do without. */
    leapInVain: () => tried(memory, 100),
    fail: () => fail(),
    /** It makes do with less than it asked for first, and fails of its own. */
    leapThenStep: () => {
      tried(memory, 100);
      memory.grow(1);
      fail();
    },
    /** What it makes do with it has by the guest's own code. */
    leapThenOwnStep: () => {
      tried(memory, 100);
      step();
      fail();
    },
    /** A memory that is none of the guest's. */
    leapElsewhere: () => {
      tried(new WebAssembly.Memory({ initial: 1, maximum: 2 }), 5);
      fail();
    },
    /** More than any memory can be, cap or no cap. */
    leapTooFar: () => {
      tried(memory, 65_536);
      fail();
    },
    /** It gets all that there may be, and fails of its own. */
    fillThenFail: () => {
      memory.grow(8);
      fail();
    },
    /** It gets a page, and then not what it needs. */
    stepThenLeap: () => {
      memory.grow(1);
      tried(memory, 100);
      fail();
    },
  };
}
