/**
 * What a proof leaves to the next time that its load comes (../entries/known-load.ts). It takes the place of what was
 * known of a load like it; and two proofs that followed each other under one load are one way: 8 → 16 → 32 is 8 → 32
 * the next time.
 */
import type { Measured, Settings, Window } from '../../src/contracts.ts';
import type { RecordOf, SessionEntry } from '../entries/entries.ts';
import type { KnownLoad, LoadSigns } from '../entries/known-load.ts';
import { configuredSettings, sameSettings } from '../entries/settings.ts';
import { loadOf, type Reference } from '../trial/design.ts';
import { goalNow, isStoodIn } from '../trial/goal-now.ts';
import { isSameLevel, likeness, sameKind, signOf, signsOf } from '../trial/load-signs.ts';
import { objectiveOf } from '../trial/metric.ts';
import type { Run } from '../trial/run.ts';
import { mean, sampleDeviation } from '../trial/statistics.ts';
import { gainInterval, type LogGain, probabilityOfGain } from './gain.ts';
import { isUsable } from './memory.ts';

/** Of the state of a session. */
export interface LoadFacts {
  readonly session: SessionEntry;
  readonly current: Settings;
  readonly reference: Reference;
  readonly cpus: number;
  readonly known: readonly KnownLoad[];
}

/** So long what a setting has done to a service may still be seen after it was left. */
const wearsOffMs = 180_000;
/** From one occasion to another a gain varies by so much of itself. */
const varies = 0.25;
const smallestSd = 0.02;

/**
 * The candidate of `run` has become the anchor.
 * @param facts whose reference was taken before the trial
 * @param atMs Unix time
 * @param stayedMs so long the setting before had been in force when the trial began
 * @returns what becomes of the loads that are known; nothing where windows do not tell of the load
 */
export function provenBy(
  facts: LoadFacts,
  run: Run,
  atMs: number,
  stayedMs: number,
): readonly RecordOf<'known-load'>[] {
  const { session, known, reference } = facts;
  const usual = { ...configuredSettings(session.knobs), ...session.options.fixed };
  const isDoubtful = stayedMs < wearsOffMs || !sameSettings(run.baseline, usual);
  const under = signsHere({ ...facts, current: run.baseline }, reference.windows, atMs);
  const d = run.pairs.map((pair) => pair.d);
  if (under === null || d.length === 0) return [];
  const after = candidateWindows([...run.seen, ...run.between]);
  // The next reference will be of such windows, and decides by what they are compared.
  const { objective } = goalNow({ session, reference: { windows: after, stoodIn: isStoodIn(facts) } });
  const values = after.flatMap((window) => objectiveOf(objective, window) ?? []);
  const found = { settings: run.candidate, reached: signOf(values) };
  const gained: LogGain = { mean: mean(d), sd: sampleDeviation(d) / Math.sqrt(d.length) };
  const replaced = known.filter(
    (one) => sameSettings(one.under.inForce, run.baseline) && likeness(one.under, under) !== null,
  );
  const ledHere = known.filter((one) => !replaced.includes(one) && leadsTo(one, run.baseline, under));
  return [
    ...[...replaced, ...ledHere].map((one) => ({ kind: 'known-load', is: 'forgotten', ...one }) as const),
    ...ledHere.flatMap(({ under: from, atMs: since, gain, doubtful }) => {
      if (sameSettings(from.inForce, run.candidate)) return [];
      const both = { ...gained, mean: gained.mean + Math.log1p(gain.estimate) };
      return [
        {
          kind: 'known-load',
          is: 'proven',
          ...found,
          under: from,
          ...promise(both),
          atMs: since,
          ...(doubtful && { doubtful }),
        } as const,
      ];
    }),
    {
      kind: 'known-load',
      is: 'proven',
      ...found,
      under,
      ...promise(gained),
      atMs,
      ...(isDoubtful && { doubtful: true }),
    },
  ];
}

export function candidateWindows(measured: readonly Measured[]): readonly Window[] {
  return measured.filter(({ arm, window }) => arm === 'candidate' && isUsable(window)).map(({ window }) => window);
}

/** What the windows, all measured at the setting in force, tell of the load. */
export function signsHere(facts: LoadFacts, windows: readonly Window[], atMs: number): LoadSigns | null {
  const { session, current, cpus, reference } = facts;
  return signsOf(windows, {
    load: loadOf(facts),
    cpus,
    objective: goalNow({ session, reference: { ...reference, windows } }).objective,
    inForce: current,
    atMs,
  });
}

/** The load has not changed since `settings` were proven under it. */
function leadsTo(one: KnownLoad, settings: Settings, now: LoadSigns): boolean {
  return (
    sameSettings(one.settings, settings) && sameKind(one.under, now) !== null && isSameLevel(one.reached, now.level)
  );
}

function promise({ mean: log, sd }: LogGain): Pick<KnownLoad, 'gain' | 'pGain'> {
  const gain = { mean: log, sd: Math.max(smallestSd, sd, varies * Math.abs(log)) };
  return { gain: gainInterval(gain), pGain: probabilityOfGain(gain) };
}
