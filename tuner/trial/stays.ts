/**
 * Harm that shows only while a setting stays. What builds up under it goes when it is switched to and fro, so
 * that a trial sees both arms well, whatever it compares.
 *
 *   at rest the level fell ─▶ a reference without a flip ─▶ the audit's windows of both arms
 *
 * A setting is worse where it stays if, from the first flips on, it is far better than in the reference just
 * before, and the default is far better than that too. An outage of somebody else's ends by itself, before the first flip or
 * after it (./jump.ts). One that ends at that very moment looks the same: so this is told only after a fall, only of the
 * way back to the default, and followed only when the same is seen again within a quarter of an hour, after the setting
 * has stayed for longer than most outages last (../loop/patience.ts).
 *
 *   an audit after a fall ── levelWhileSwitched ─▶ windows at rest after it ── sunkAgain ─▶ what that costs is asked again
 *
 * What has sunk once does not fall a second time below a reference that was taken when it had: it is compared with what
 * the setting itself was while the audit switched it.
 */
import type { Measured, Objective, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { Reference } from './design.ts';
import { cameBackByItself } from './jump.ts';
import { objectiveOf } from './metric.ts';
import { median } from './statistics.ts';

/** Fewer windows of an arm say nothing. */
const fewest = 3;
/** Least difference of the levels, as a log, and in σ of a pair. */
const least = { difference: 0.1, sigmas: 3 } as const;

/**
 * What the setting in force loses by staying, in words; null where that is not seen.
 * @param reference at the setting in force, taken just before the audit
 * @param seen windows of the audit: baseline is the setting in force, candidate the default
 */
export function lossByStaying(reference: Reference, seen: readonly Measured[], objective: Objective): string | null {
  const windows = (arm: Measured['arm']) => seen.filter((one) => one.arm === arm).map(({ window }) => window);
  const [stayed, switched, byDefault] = [reference.windows, windows('baseline'), windows('candidate')].map((some) =>
    logsOf(some, objective),
  ) as [readonly number[], readonly number[], readonly number[]];
  if ([stayed, switched, byDefault].some((logs) => logs.length < fewest)) return null;
  const level = median(stayed);
  const margin = marginOf(reference.sigmaD);
  if (median(switched) - level < margin || median(byDefault) - level < margin) return null;
  const worse = median(switched) - median(byDefault);
  const asInForce = seen.flatMap(({ arm, window }) =>
    logsOf([window], objective).map((log) => (arm === 'candidate' ? log + worse : log)),
  );
  if (cameBackByItself(level, stayed, asInForce)) return null;
  const [alone, besides] = [switched, byDefault].map((logs) => percentText(Math.expm1(level - median(logs))));
  return `where it stays the setting is at ${alone} of what it is while it is switched, and at ${besides} of the default`;
}

/** Log of what the setting in force was in an audit, turned so that + is better; null where windows are few. */
export function levelWhileSwitched(seen: readonly Measured[], objective: Objective): number | null {
  const windows = seen.filter((one) => one.arm === 'baseline').map(({ window }) => window);
  const logs = logsOf(windows, objective);
  return logs.length < fewest ? null : median(logs);
}

/**
 * Where it stays the setting has sunk again below what it was while it was switched, in words; null where it has not.
 * @param level of `levelWhileSwitched`
 * @param stayed the newest windows at the setting in force, without a flip
 */
export function sunkAgain(
  level: number,
  { windows: stayed, sigmaD }: Pick<Reference, 'windows' | 'sigmaD'>,
  objective: Objective,
): string | null {
  const logs = logsOf(stayed, objective);
  if (logs.length < fewest || level - median(logs) < marginOf(sigmaD)) return null;
  return `where it stays the setting is at ${percentText(Math.expm1(median(logs) - level))} of what it was while it was switched`;
}

/** Whether the setting, where it stays, is about what it was while it was switched: nearer to that than to what would be told as sunken. */
export function holdsUp(
  level: number,
  { windows: stayed, sigmaD }: Pick<Reference, 'windows' | 'sigmaD'>,
  objective: Objective,
): boolean {
  const logs = logsOf(stayed, objective);
  return logs.length >= fewest && level - median(logs) < marginOf(sigmaD) / 2;
}

function marginOf(sigmaD: number): number {
  return Math.max(least.difference, least.sigmas * sigmaD);
}

/** Logs of the objective, turned so that + is better. */
function logsOf(windows: readonly Window[], objective: Objective): readonly number[] {
  const sign = objective.direction === 'maximize' ? 1 : -1;
  return windows.flatMap((window) => {
    const value = objectiveOf(objective, window);
    return window.steady && value !== null && value > 0 ? [sign * Math.log(value)] : [];
  });
}
