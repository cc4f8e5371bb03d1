/**
 * Whole sessions through the package's entries, one a seed: how surely and how soon a proposal is
 * decided on. Another commit's tuner runs in the same worlds, so that the seeds are the pairs.
 */

import { messageOf } from '../../src/foundation/errors.ts';
import { ratioFigure } from '../against-figure.ts';
import type { PackageLocation } from '../arms/protocol.ts';
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import type { Numbers } from '../compare.ts';
import { meanOf, shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import { ratioOfLogs } from '../ratio.ts';
import type { Group, SuiteOptions } from '../suite.ts';
import type { SessionSpec } from './session-arm.ts';

export const sessions: Group = {
  about: 'whole sessions: a proposal decided on, of +10 %, of nothing, of −10 %',
  run: async (options) => {
    const figures: Figure[] = [];
    for (const [name, effect] of Object.entries({ 'plus-10': 0.1, nothing: 0, 'minus-10': -0.1 })) {
      options.progress(`sessions: ${name}`);
      figures.push(...(await figuresOf(name, { effect }, options)));
    }
    return figures;
  },
};

const counts = { quick: 5, full: 100, long: 1000 };
/** σ of the log ratio of two tuners' times in one world. */
const timeSigma = 0.2;

async function figuresOf(
  name: string,
  spec: SessionSpec,
  { length, seed, reference, leaveOut, signal }: SuiteOptions,
): Promise<readonly Figure[]> {
  const seeds = Array.from({ length: counts[length] }, (_, index) => seed + index);
  const runIn = (location: PackageLocation) => sessionsOf(location, spec, seeds, signal);
  const [ours, theirs] = await Promise.all([
    runIn(ourPackage),
    reference ? runIn(reference.package).catch((error: unknown) => messageOf(error)) : null,
  ]);
  signal?.throwIfAborted();
  const committed = `${name}.proposal-committed`;
  const seconds = `${name}.seconds-to-decide`;
  const shareIn = (runs: readonly Numbers[]) => shareOf(runs.map((run) => run['committed'] === 1));
  const secondsIn = (runs: readonly Numbers[]) => runs.map((run) => run['seconds-to-decide'] ?? Number.NaN);
  const own = (peer: Pick<Figure, 'peers'>): Figure[] => [
    {
      name: committed,
      unit: 'fraction of proposals',
      better: spec.effect > 0 ? 'higher' : 'lower',
      ...shareIn(ours),
      ...peer,
    },
    { name: seconds, unit: 's of the world', better: 'lower', ...meanOf(secondsIn(ours)) },
  ];
  if (theirs === null || !reference) return own({});
  if (typeof theirs === 'string') {
    for (const figure of [committed, seconds]) leaveOut?.(figure, theirs);
    return own({});
  }
  const before = secondsIn(theirs);
  const d = secondsIn(ours).map((after, index) => Math.log((before[index] ?? Number.NaN) / after));
  return [
    ...own({ peers: { [reference.name]: shareIn(theirs).value } }),
    ratioFigure(seconds, 'centre', ratioOfLogs(d, timeSigma)),
  ];
}

async function sessionsOf(
  location: PackageLocation,
  spec: SessionSpec,
  seeds: readonly number[],
  signal: AbortSignal | undefined,
): Promise<readonly Numbers[]> {
  const module = new URL('./session-arm.ts', import.meta.url);
  await using arm = await openRemoteArm({ module, spec, package: location, ...(signal && { signal }) });
  const runs: Numbers[] = [];
  for (const seed of seeds) runs.push(await arm.measure(seed));
  return runs;
}
