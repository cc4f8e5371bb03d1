/**
 * One way of reaching the guest, with calls of many lengths in one window: how many a second, and what CPU the whole
 * process takes for one. Beside them the guest alone, on as many workers.
 */
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Entries } from '../../arms/entries.ts';
import type { Numbers, OpenArm } from '../../compare.ts';
import { type AlikeSpec, armOf } from '../alike/arms.ts';
import { runAlike } from '../alike/load.ts';
import type { Bytes } from '../alike/request.ts';
import { openBareLoop } from './bare-loop.ts';

export interface LengthsSpec {
  readonly arm: AlikeSpec | { readonly kind: 'guest-alone'; readonly threads: number };
  /** Loop turns of the guest, of each length. */
  readonly lengths: readonly number[];
  readonly inFlight: number;
  readonly bytes: Bytes;
}

/** Names of the numbers of one length. */
export const rateAt = (turns: number): string => `calls-per-s-${turns}`;
export const cpuAt = (turns: number): string => `cpu-us-per-call-${turns}`;

export async function openArm(
  { arm: spec, lengths, inFlight, bytes }: LengthsSpec,
  entries: Entries,
): Promise<OpenArm> {
  if (spec.kind === 'guest-alone') {
    const loop = await openBareLoop(spec.threads, bytes);
    const run = (turns: number, forMs: number) => loop.run(turns, forMs);
    return { measure: (forMs) => over(lengths, forMs, run), [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose]() };
  }
  const arm = await armOf(spec, bytes, undefined, entries);
  const run = async (turns: number, forMs: number) =>
    (await runAlike(arm, { turns, inFlight, timedEvery: 16 }, forMs))['calls-per-s'] as number;
  return { measure: (forMs) => over(lengths, forMs, run), [Symbol.asyncDispose]: () => arm.close() };
}

async function over(
  lengths: readonly number[],
  forMs: number,
  run: (turns: number, forMs: number) => Promise<number>,
): Promise<Numbers> {
  const numbers: Record<string, number> = {};
  for (const turns of lengths) {
    const before = process.cpuUsage();
    const startMs = systemClock.now();
    const perS = await run(turns, forMs / lengths.length);
    const elapsedMs = systemClock.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    numbers[rateAt(turns)] = perS;
    numbers[cpuAt(turns)] = (1000 * (user + system)) / (perS * elapsedMs);
  }
  return numbers;
}
