/**
 * After a commit: most windows run the new setting, some pairs still visit the old anchor, until fresh
 * evidence says that the new one is not worse than `revertAt`, and all calls of the trial and of the
 * hold-back together do not object. Then it becomes the anchor.
 *
 *   pairs and windows between them ── breaker, worse ───────────────────────────────▶ revert
 *                └─ not worse is proven ── all calls ─┬─ no objection ──────────────▶ anchor
 *                                                     ├─ proven, or lost at the end ─▶ revert
 *                                                     └─ open: pairs alone, for a while
 */
import { percentText } from '../../../src/foundation/units.ts';
import type { TrialResult } from '../../entries/entries.ts';
import { triggers } from '../../entries/triggers.ts';
import { type AllCalls, outcomeOfAllCalls, readAllCalls } from '../../trial/all-calls.ts';
import { looksHarmful } from '../../trial/breakers.ts';
import { plainWindowMs } from '../../trial/design.ts';
import { fallOf, recoveryIn, sawOutageEnd } from '../../trial/level.ts';
import { inOrder } from '../../trial/pairs.ts';
import { leanRun, type Run, windowsOf } from '../../trial/run.ts';
import { windowAt } from '../../trial/schedule.ts';
import type { EnteringOf, LevelCheck, PhaseOf, Step } from '../state.ts';
import type { Handled, MeasuredEvent, PhaseEvent, StepBuilder } from '../step.ts';

type HoldBack = PhaseOf<'hold-back'>;

/** A tenth of an hour: so long an objection may prolong it, and so long windows are waited for. */
const longestMs = 360_000;
/** A fall of the level's log that need not be let grow before the anchor is left alone, and how long a smaller one is. */
const plainFall = 0.12;
const stayMs = 90_000;
/**
 * So long a harm that builds up has to show, where the gain may be as small as one that it would undo. Without it 30 %
 * of the commits stayed of which a time constant of 120 s takes a quarter.
 */
const showMs = 45_000;
const smallGain = 0.2;
/** Once its pairs have shown that a large gain is there, one pair comes after so many windows. */
const windowsApart = 10;
/** So long the anchor is left alone. */
const stretchMs = 120_000;
const fewestInStretch = 24;

export function enter(step: StepBuilder, { committed }: EnteringOf<'hold-back'>): Handled {
  const { baseline, candidate } = committed;
  const isLarge = (committed.pairs.at(-1)?.effect.low ?? 0) >= smallGain;
  const run = step.begin({ purpose: 'hold-back', isLarge }, baseline, candidate, committed);
  // Both settings were let go while an answer was awaited; after a trial they are still warm.
  const warm = step.state.phase.kind !== 'asking';
  const phase: HoldBack = {
    kind: 'hold-back',
    run,
    committed: leanRun(committed),
    beganMs: step.nowMs,
    gap: 0,
    gapMs: isLarge
      ? plainWindowMs(
          step.state.session.options,
          windowsOf([committed]).candidate,
          true,
          committed.design.overloaded === true,
        )
      : null,
    passed: null,
    level: { is: 'quiet' },
  };
  return warm ? advanced(step, phase, null) : step.warm(phase, run);
}

export function on(step: StepBuilder, phase: HoldBack, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.revertFailed(phase.run, event);
  return advanced(step, phase, event.kind === 'measured' ? event : null);
}

function advanced(step: StepBuilder, phase: HoldBack, measured: MeasuredEvent | null): Handled {
  if (measured && phase.level.is === 'recovering') return recovering(step, phase, phase.level, measured);
  const isBetween = measured !== null && phase.gap > 0;
  const { run, next, newPairs } = step.advance(phase.run, measured, isBetween);
  const left = isBetween ? phase.gap - 1 : 0;
  const result = 'measure' in next ? null : next.result;
  if (result && !isPassing(result) && !(phase.passed && isOpen(result))) return ended(step, run, result);
  const passed = result && isPassing(result) ? { result, atMs: phase.passed?.atMs ?? step.nowMs } : phase.passed;
  const going: HoldBack = { ...phase, run, gap: left, passed };
  if (left > 0 && !looksHarmful(run.design, inOrder(run.seen, run.between))) return pause(step, going);
  const isPairEnd = newPairs.length > 0;
  if (passed && (isPairEnd || isBetween)) {
    const ending = endingBy(going, passed, step.nowMs);
    if (ending === 'pairs') return pair(step, going);
    // What its pairs had to show they have shown.
    if ('wait' in ending && going.gapMs !== null)
      return pause(step, { ...going, gap: Math.min(windowsApart, Math.max(1, ending.wait)) });
    if (!('wait' in ending)) {
      if (!isPassing(ending)) return ended(step, run, ending);
      const low = ending.allCalls?.low ?? 0;
      const level = levelNow(step, going, low);
      if (level.is === 'recovering') return rest(step, { ...going, level });
      const isSoon = step.nowMs - phase.beganMs < showMs && low < smallGain;
      if (level.is === 'explained' || (level.is === 'quiet' && !isSoon)) return ended(step, run, ending);
      return isPairEnd ? withGap(step, { ...going, level }) : pair(step, { ...going, level });
    }
  }
  return isPairEnd ? withGap(step, going) : pair(step, going);
}

/** Its pairs have proven what they should: what all calls say then. `wait`: so many more windows are asked for; `pairs`: they object. */
function endingBy(
  { run, committed }: HoldBack,
  { result, atMs }: NonNullable<HoldBack['passed']>,
  nowMs: number,
): TrialResult | { readonly wait: number } | 'pairs' {
  const windows = windowsOf([committed, run]);
  const isLate = nowMs - atMs >= longestMs;
  const all = readAllCalls(run.design, windows);
  switch (outcomeOfAllCalls(all, isLate)) {
    case 'proven':
      return { ...withCheck(result, all, false), verdict: 'worse', trigger: 'all calls' };
    case 'lost':
      return { ...withCheck(result, all, false), verdict: 'inconclusive', trigger: 'all calls lost' };
    case 'passed':
      return withCheck(result, all, true);
    case 'few':
      return { wait: all.enough - all.bad.of };
    case 'open':
      // As much time on the anchor as on the candidate says soonest whose the bad windows are.
      return 'pairs';
  }
}

/** Whether the candidate has pulled down the anchor with it, before what its pairs and all calls say is believed. */
function levelNow(step: StepBuilder, { run, committed, level, gapMs }: HoldBack, low: number): LevelCheck {
  if (level.is === 'explained') return level;
  // Once a queue is gone as many calls come out as come in, which is less than while it was worked off: nothing has fallen.
  if (run.design.overloaded || committed.design.overloaded) return { is: 'quiet' };
  const measured = inOrder(run.seen, run.between);
  const d = pairsOf({ run, committed });
  const fall = fallOf(levelFacts(step, run), measured, windowsOf([committed]).candidate, d);
  // After a large gain a fall that takes little of it is not waited for.
  const least = gapMs === null ? 0 : Math.min(plainFall, Math.log1p(Math.max(0, low)) / 4);
  if (fall === null || fall < least) return { is: 'quiet' };
  const sinceMs = level.is === 'fallen' ? level.sinceMs : step.nowMs;
  if (fall >= plainFall || step.nowMs - sinceMs >= stayMs)
    return { is: 'recovering', sinceMs: step.nowMs, windows: [] };
  return { is: 'fallen', sinceMs };
}

function pairsOf({ run, committed }: Pick<HoldBack, 'run' | 'committed'>): readonly number[] {
  return [...committed.pairs, ...run.pairs].map((one) => one.d);
}

/** One more window of the stretch on the anchor. */
function recovering(
  step: StepBuilder,
  phase: HoldBack,
  { sinceMs, windows: before }: Extract<LevelCheck, { is: 'recovering' }>,
  measured: MeasuredEvent,
): Handled {
  const { run, next } = step.advance(phase.run, measured, true);
  const windows = [...before, measured.window];
  const risen = recoveryIn(levelFacts(step, run), windows);
  const result = 'result' in next ? next.result : phase.passed?.result;
  // What looks like the end of an outage is looked at until the stretch is over: few windows rise in a jump by chance.
  const isOutage =
    risen !== null && sawOutageEnd(levelFacts(step, run), inOrder(run.seen, run.between), windows, pairsOf(phase));
  if (risen !== null && !isOutage && result) {
    const detail = `left alone, the setting before came back by ${percentText(Math.expm1(risen))} within ${Math.round((step.nowMs - sinceMs) / 1000)} s: what the new one costs builds up while it stays, and hurts both`;
    const checks: TrialResult['checks'] = [...result.checks, { name: 'level', passed: false, detail }];
    return ended(step, run, { ...result, verdict: 'worse', trigger: 'slow harm', reason: detail, checks });
  }
  const isLong = step.nowMs - sinceMs >= stretchMs && windows.length >= fewestInStretch;
  return isLong
    ? pair(step, { ...phase, run, level: { is: 'explained' } })
    : rest(step, { ...phase, run, level: { is: 'recovering', sinceMs, windows } });
}

function levelFacts(step: StepBuilder, { design }: Run): Parameters<typeof fallOf>[0] {
  return { objective: design.goal.objective, load: design.load, reference: step.state.reference.windows };
}

function ended(step: StepBuilder, run: Run, result: TrialResult): Handled {
  step.record({ kind: 'verdict', trial: run.trial, result });
  return isPassing(result)
    ? step.makeAnchor(run, result.reason)
    : step.revert(run, 'revert', result.trigger, result.reason);
}

function withCheck(result: TrialResult, { detail, effect }: AllCalls, passed: boolean): TrialResult {
  return {
    ...result,
    allCalls: effect,
    reason: passed ? `${result.reason}; ${detail}` : detail,
    checks: [...result.checks, { name: 'all calls', passed, detail }],
  };
}

function isPassing({ verdict }: TrialResult): boolean {
  return verdict === 'better' || verdict === 'equivalent';
}

/** Its pairs say no more, and nothing against it: what they have proven before stays proven. */
function isOpen({ trigger }: TrialResult): boolean {
  const { judgedBy, harms } = triggers[trigger];
  return judgedBy === 'engine' && !harms;
}

function pair(step: StepBuilder, phase: HoldBack): Step {
  const { run } = phase;
  return step.measureArm({ ...phase, gap: 0 }, run, windowAt(run.design, run.seen.length));
}

function withGap(step: StepBuilder, phase: HoldBack): Step {
  const gap = gapWindows(step.state.session.options.holdBackFraction);
  return gap > 0 ? pause(step, { ...phase, gap }) : pair(step, phase);
}

/** Windows at the new setting between two pairs, so that the anchor keeps `fraction` of all windows. */
function gapWindows(fraction: number): number {
  return Math.max(0, Math.round(1 / fraction) - 2);
}

/** After a large gain windows are as short as they may be, and what stays in force has nothing to drain. */
function pause(step: StepBuilder, phase: HoldBack): Step {
  const { run, gapMs } = phase;
  const { discardMs } = run.design;
  if (gapMs === null) return step.measure(phase, run.candidate, { arm: 'candidate', discardMs });
  const stays = inOrder(run.seen, run.between).at(-1)?.arm === 'candidate';
  return step.measure(phase, run.candidate, { arm: 'candidate', discardMs: stays ? 0 : discardMs, forMs: gapMs });
}

function rest(step: StepBuilder, phase: HoldBack): Step {
  return step.measure({ ...phase, gap: 0 }, phase.run.baseline);
}
