/**
 * The guardrails of a setting that came into force without a trial, because another process has proven
 * it: windows on it are compared with windows on the configured default from before.
 *
 *   before, after ── readBeforeAfter ──▶ one reading a guardrail; `broken`: go back
 *
 * No coin chose the moment of the change, so a drift of the load looks like the setting's doing. A limit
 * (`p99 < 50ms`) is therefore read as in a trial, and what may be lost against the default (`p99 within
 * 10%`) counts as lost only by far: in each of the last blocks of windows, by more than the margin and
 * what blocks on the default differ by among themselves. Once the load has changed, or where the default
 * was not measured, a relative guardrail is unjudged.
 */
import type { GuardedMetric, Guardrail, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { GuardrailReading, SessionEntry } from '../entries/entries.ts';
import { fractionOf } from './e-value.ts';
import { type Arms, lossAlpha, readGuardrail, told } from './guardrails.ts';
import { guardedDifference, guardedValue } from './metric.ts';
import { loadChanged } from './stability.ts';
import { sampleDeviation } from './statistics.ts';
import { blockCalls, type Judged, pointsText, scaleBlocks } from './super-blocks.ts';

/** Blocks in a row that must all show a loss. */
const inARow = 3;
/** A loss counts from this many standard deviations of the blocks on the default on. */
const sigmas = 2.5;
/** The newest windows, whose load is compared with that on the default. */
const loadWindows = 4;

/**
 * @param before windows on the configured default, oldest first
 * @param after the newest windows on the setting, oldest first
 */
export function readBeforeAfter(
  { goal, options: { alpha }, load }: Pick<SessionEntry, 'goal' | 'options' | 'load'>,
  before: readonly Window[],
  after: readonly Window[],
): readonly GuardrailReading[] {
  const levels = { holds: alpha, broken: lossAlpha({ alpha, goal }) };
  const isOtherLoad = loadChanged(load, before, after.slice(-loadWindows));
  const unjudgedFor = (metric: GuardedMetric) => reasonNotToJudge(metric, before, isOtherLoad);
  const arms: Arms = {
    baseline: before,
    candidate: after,
    change: (metric, delta0) => {
      const reason = unjudgedFor(metric);
      return reason === null ? lossOf(metric, delta0, before, after) : { state: 'unjudged', detail: () => reason };
    },
  };
  return goal.guardrails.map((guardrail) => {
    const reason = guardrail.kind === 'relative' ? unjudgedFor(guardrail.metric) : null;
    if (reason !== null) return { guardrail, state: 'unjudged', baseline: 0, candidate: 0, detail: reason };
    const reading = told(readGuardrail(guardrail, arms, levels));
    return reading.state === 'broken' && !isBrokenNow(guardrail, after) ? { ...reading, state: 'undecided' } : reading;
  });
}

/** What few windows show, or what older windows showed and the newest does not, is no reason to go back. */
function isBrokenNow(guardrail: Guardrail, after: readonly Window[]): boolean {
  if (after.length < scaleBlocks) return false;
  const newest = guardedValue(guardrail.metric, after.slice(-1));
  return guardrail.kind === 'relative' || (newest !== null && newest.value > guardrail.limit);
}

/** The last blocks of windows on the setting, each against all windows on the default. */
function lossOf(metric: GuardedMetric, delta0: number, before: readonly Window[], after: readonly Window[]): Judged {
  const differences = (windows: readonly Window[]) =>
    blocksOf(metric, windows).flatMap((block) => guardedDifference(metric, before, block) ?? []);
  const limit = delta0 - sigmas * sampleDeviation(differences(before));
  const last = differences(after).slice(-inARow);
  const text = (d: number) => (metric === 'errors' ? pointsText(d) : percentText(fractionOf(d)));
  const detail = () =>
    `changes ${last.map(text).join(', ') || 'of nothing yet'} from the configured default (+ is better), limit ${text(limit)}`;
  return { state: last.length === inARow && last.every((d) => d < limit) ? 'broken' : 'undecided', detail };
}

function reasonNotToJudge(metric: GuardedMetric, before: readonly Window[], isOtherLoad: boolean): string | null {
  const { length } = blocksOf(metric, before);
  if (length < scaleBlocks)
    return `on the configured default ${length} blocks of enough calls were measured, at least ${scaleBlocks} are needed`;
  return isOtherLoad ? 'the load is not what it was on the configured default' : null;
}

/** Consecutive windows, merged until they have calls enough for the metric. What remains at the end forms no block. */
function blocksOf(metric: GuardedMetric, windows: readonly Window[]): readonly (readonly Window[])[] {
  const enough = blockCalls(metric);
  const blocks: Window[][] = [];
  let block: Window[] = [];
  for (const window of windows) {
    block.push(window);
    if ((guardedValue(metric, block)?.count ?? 0) < enough) continue;
    blocks.push(block);
    block = [];
  }
  return blocks;
}
