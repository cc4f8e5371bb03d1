/** How a call ran, as its answer frame tells. */
import type { Execution } from '../../../measure/call.ts';
import type { RingMemory } from './byte-ring.ts';
import { answer } from './worker-memory.ts';

/** Fills `ran` in from the frame that begins at `at`. O(1), no allocation. */
export function readExecution(ran: Execution, { ints, floats }: RingMemory, at: number): void {
  ran.beganMs = floats[(at + answer.beganMs) >> 3] as number;
  ran.endedMs = floats[(at + answer.endedMs) >> 3] as number;
  ran.coldStartMs = floats[(at + answer.coldStartMs) >> 3] as number;
  ran.receivedMs = ran.beganMs;
  ran.returnedMs = ran.endedMs;
  ran.rank = ints[(at + answer.rank) >> 2] as number;
}

/** Parts of the difference by which an answer moves what is expected: a slow call among short ones is soon forgotten. */
const [upwards, downwards] = [1 / 8, 1 / 2];

/** How long a call of each function takes, learnt from its answers: rather what the shorter ones do, where they differ. */
export class ExpectedTimes {
  readonly #ms: Float64Array;

  /** @param unknownMs what a call is taken for before its function has answered once */
  constructor(functionCount: number, unknownMs: number) {
    this.#ms = new Float64Array(functionCount).fill(unknownMs);
  }

  of(functionId: number): number {
    return this.#ms[functionId] as number;
  }

  learn(functionId: number, { beganMs, endedMs }: Execution): void {
    const known = this.of(functionId);
    const ms = endedMs - beganMs;
    if (ms >= 0) this.#ms[functionId] = known + (ms - known) * (ms > known ? upwards : downwards);
  }
}
