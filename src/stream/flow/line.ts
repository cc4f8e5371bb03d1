/**
 * A line through what is in flight, while no call is under way: before it stands what was called, behind it what was
 * not. A state of guests that is taken at that moment is that of exactly the records before the line.
 *
 *   quiet ─▶ (states are taken) ─▶ draw ─▶ resume ─▶ deliver: up to the line, whatever is called meanwhile
 */
import type { Position } from '../contracts.ts';
import type { Credits } from './credits.ts';
import type { SinkDelivery } from './delivery.ts';
import type { PartitionFlow } from './partition-flow.ts';
import type { StageChain } from './stage-chain.ts';
import type { Stop } from './stop.ts';

export interface LineParts {
  readonly partitions: readonly PartitionFlow[];
  readonly stages: StageChain;
  readonly credits: Pick<Credits, 'records'>;
  readonly delivery: SinkDelivery;
  readonly stop: Stop;
  /** Records whose results wait for the sink, or for its acknowledgement. */
  readonly withResults: () => number;
}

export class Line {
  readonly #parts: LineParts;

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** Records that were called have their results, and no call begins until `resume()`. @throws the reason of the stop */
  async quiet(): Promise<void> {
    const { stages, credits, delivery, stop, withResults } = this.#parts;
    stages.hold(true);
    while (credits.records - withResults() > stages.waiting) await stop.or(delivery.wake.changed());
  }

  /**
   * To be called while it is quiet. Results of what is called from then on wait until `deliver()` has ended.
   * @returns the positions of the line
   */
  draw(): Position {
    const { partitions, stages } = this.#parts;
    return partitions.map((one) => {
      const { partition } = one;
      const { offset, at } = stages.firstWaiting(one) ?? one.read;
      one.deliverBefore = offset;
      return { partition, offset, at };
    });
  }

  resume(): void {
    this.#parts.stages.hold(false);
  }

  /** Resolves when all before the line is acknowledged. @throws the reason of the stop, what the sink throws */
  async deliver(): Promise<void> {
    const { partitions, delivery, stop } = this.#parts;
    while (partitions.some(({ committed, deliverBefore }) => committed.offset < deliverBefore))
      if (!(await delivery.write(Number.POSITIVE_INFINITY))) await stop.or(delivery.wake.changed());
    for (const one of partitions) one.deliverBefore = Number.POSITIVE_INFINITY;
  }
}
