/**
 * Ten rounds of a million calls over each transport, and what is resident after each: the slope of the last
 * eight rounds, at the upper end of its 95 % interval, is at most 1 MiB a million calls; also where results are
 * written into buffers, or leased, of which the heap takes some rounds more to find its size. Leases that are dropped
 * are given back when they are collected, so what is resident stays within bounds. A leak of 2 MiB a million that is
 * planted is found by the same test, and so are leases that are kept.
 */
import { linearRegression } from 'simple-statistics';
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { guestBytes } from '../core/guest.ts';
import type { LeakSpec } from './leak/arm.ts';
import type { PartOptions } from './results.ts';
import { atMost, exactly, type Row, skipped } from './rows.ts';

/** Rounds that are judged. */
const judged = 8;
/** In those before them caches fill, code is compiled and heaps find their size: where results are objects, later. */
const settling = { number: 2, bytes: 6 } as const;
/** What may be resident for leases that were dropped and are not yet collected: all regions of two workers, twice. */
const mostDroppedMib = 32;
const mib = 2 ** 20;
const mostMib = 1;
const plantedMib = 2;

export const leak = {
  /** Calls a round. */
  fullCount: 1_000_000,
  async run({ count, progress }: PartOptions) {
    if (process.platform !== 'linux')
      return { rows: [skipped('leak', 'what is resident is read from /proc')], runs: [] };
    const bytes = await guestBytes();
    const rows: Row[] = [];
    const runs: unknown[] = [];
    for (const spec of [
      { transport: 'message', results: 'number', bytes, plantedBytes: 0 },
      { transport: 'ring', results: 'number', bytes, plantedBytes: 0 },
      { transport: 'ring', results: 'into', bytes, plantedBytes: 0 },
      { transport: 'ring', results: 'lease', bytes, plantedBytes: 0 },
      { transport: 'ring', results: 'dropped-lease', bytes, plantedBytes: 0 },
      { transport: 'ring', results: 'number', bytes, plantedBytes: plantedMib * mib },
      { transport: 'ring', results: 'kept-lease', bytes, plantedBytes: plantedMib * mib },
    ] as const satisfies readonly LeakSpec[]) {
      const way = spec.results === 'number' ? spec.transport : `${spec.transport}, ${spec.results}`;
      const name = spec.plantedBytes > 0 ? `${way}, with ${plantedMib} MiB planted` : way;
      const before = spec.results === 'number' ? settling.number : settling.bytes;
      const calls = { rounds: before + judged, calls: count };
      const resident = await residentAfterRounds(spec, calls, (round) => progress(`${name}: round ${round}`));
      const seen = resident.slice(before).map((one) => one / mib);
      const slope = slopeOf(seen);
      // Of a million calls, however many a round has.
      const upper = (slope.upper * 1e6) / count;
      const figure = `${name}: resident, MiB a million calls, upper end of 95 %`;
      const range = Math.max(...seen) - Math.min(...seen);
      if (spec.results === 'dropped-lease')
        rows.push(atMost(`${name}: resident, MiB from least to most`, range, mostDroppedMib));
      else
        rows.push(
          spec.plantedBytes > 0
            ? exactly(`${name}: found`, upper > mostMib ? 1 : 0, 1)
            : atMost(figure, upper, mostMib),
        );
      runs.push({ name, residentMib: resident.map((one) => one / mib), slope });
    }
    return { rows, runs };
  },
};

async function residentAfterRounds(
  spec: LeakSpec,
  { rounds, calls }: { readonly rounds: number; readonly calls: number },
  progress: (round: number) => void,
): Promise<readonly number[]> {
  const module = new URL('./leak/arm.ts', import.meta.url);
  await using arm = await openRemoteArm({ module, spec, package: ourPackage });
  const resident: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(round);
    resident.push((await arm.measure(calls))['resident-bytes'] as number);
  }
  return resident;
}

/** Student's t at 0.95 for n − 2 degrees of freedom; n = 8. */
const quantileOfT = 1.943;

/** Of a line through `values` at 0, 1, 2 …, by least squares, with the upper end of its one-sided 95 % interval. */
export function slopeOf(values: readonly number[]): { readonly estimate: number; readonly upper: number } {
  const { m, b } = linearRegression(values.map((value, index) => [index, value]));
  const n = values.length;
  const mid = (n - 1) / 2;
  const squares = values.reduce((sum, _, index) => sum + (index - mid) ** 2, 0);
  const rest = values.reduce((sum, value, index) => sum + (value - b - m * index) ** 2, 0);
  return { estimate: m, upper: m + quantileOfT * Math.sqrt(rest / (n - 2) / squares) };
}
