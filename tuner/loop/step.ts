/**
 * One step being made, while one event is handled: the state as it becomes and the records in their
 * order. A phase changes it and ends it in one of two ways: with the next action (`measure`, `settle`
 * …), or by naming the phase to enter, which transition.ts does.
 *
 * What several phases do stands here too: a trial begins, goes on, is kept or taken back.
 */
import type { Settings, Window } from '../../src/contracts.ts';
import type { Arm, Decided, TrialPurpose, Trigger, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { changes } from '../entries/settings.ts';
import { triggers } from '../entries/triggers.ts';
import { isUsable, remember, ruleOut } from '../predict/memory.ts';
import { hasSpent } from '../trial/budget.ts';
import { designOf, drainMs } from '../trial/design.ts';
import { unjudgeable } from '../trial/plan.ts';
import { type Advanced, advance, type Run, spanMsOf } from '../trial/run.ts';
import type { WindowPlan } from '../trial/schedule.ts';
import type { Action, Entering, Phase, State, Step } from './state.ts';

export type MeasuredEvent = Extract<TunerEvent, { readonly kind: 'measured' }>;
export type FailedEvent = Extract<TunerEvent, { readonly kind: 'failed' }>;
/** What came of an action, or an answer to a question. */
export type PhaseEvent = Extract<TunerEvent, { readonly kind: 'measured' | 'done' | 'failed' | 'answer' }>;

/** What a phase makes of an event: the whole step, or the phase to enter. */
export type Handled = Step | Entering;

/** Longest windows of a tuner that only looks on. */
export const watchMs = 5000;
/** Windows seen after a commit before the next choice. */
const freshAfterCommit = 4;

export class StepBuilder {
  readonly atMs: number;
  #state: State;
  readonly #records: TunerRecord[] = [];

  constructor(state: State, atMs: number) {
    this.#state = state;
    this.atMs = atMs;
  }

  get state(): State {
    return this.#state;
  }

  change(part: Partial<Omit<State, 'phase' | 'session' | 'mayChange'>>): void {
    this.#state = { ...this.#state, ...part };
  }

  record(...records: readonly TunerRecord[]): void {
    this.#records.push(...records);
  }

  remember({ window }: MeasuredEvent): void {
    this.change({ seen: remember(this.#state.seen, window) });
  }

  /** Whoever only looks on takes the setting in force for what it is. @returns whether it was another one before */
  follow({ effective }: MeasuredEvent): boolean {
    const { mayChange, current } = this.#state;
    if (mayChange || changes(current, effective).length === 0) return false;
    this.change({ current: effective, anchor: effective });
    return true;
  }

  ruleOut(settings: Settings, failures: number): ReturnType<typeof ruleOut>['one'] {
    const { ruledOut, one } = ruleOut(
      this.#state.ruledOut,
      settings,
      failures,
      this.atMs,
      this.#state.session.options.restMs,
    );
    this.change({ ruledOut });
    return one;
  }

  // ------------------------------------------------------------------ the end of a step

  /** One window at `settings`. No flip, no discard, unless asked for. */
  measure(
    phase: Phase,
    settings: Settings,
    span: {
      readonly arm?: Arm;
      readonly discardMs?: number;
      readonly forMs?: number;
      readonly minCompletions?: number;
    } = {},
  ): Step {
    const { options } = this.#state.session;
    const forMs = span.forMs ?? options.windowMs;
    return this.#act(phase, {
      kind: 'measure',
      arm: span.arm ?? 'baseline',
      settings,
      discardMs: span.discardMs ?? 0,
      forMs,
      minCompletions: span.minCompletions ?? options.minCompletions,
      // A stalled arm must show up as an empty window soon, not be waited for.
      maxMs: Math.min(options.maxDurationMs, Math.max(4 * forMs, 2000)),
    });
  }

  /** The window a trial asks for. The discard covers what the arm before it still has under way. */
  measureArm(phase: Phase, run: Run, plan: WindowPlan): Step {
    const last = run.seen.at(-1)?.window;
    const draining = last ? Math.min(drainMs([last]), run.design.windowMs) : 0;
    return this.measure(phase, plan.measure === 'candidate' ? run.candidate : run.baseline, {
      arm: plan.measure,
      discardMs: Math.max(plan.discardMs, draining),
      forMs: plan.forMs,
      // Its length was fixed with its pair's: waiting for calls would treat a slow window unlike a fast one.
      minCompletions: 0,
    });
  }

  settle(phase: Phase, settings: Settings = this.#state.current): Step {
    return this.#act(phase, { kind: 'settle', settings });
  }

  warm(phase: Phase, { baseline, candidate }: { readonly baseline: Settings; readonly candidate: Settings }): Step {
    return this.#act(phase, { kind: 'warm', a: baseline, b: candidate });
  }

  await(phase: Phase, untilMs: number): Step {
    return this.#act(phase, { kind: 'await', untilMs });
  }

  /** Nothing follows: what is being done goes on. */
  stay(): Step {
    return { state: this.#state, records: this.#records, action: null };
  }

  /** The session is over. @param reason of an executor that is not on the anchor: what kept it from there */
  end(reason?: string): Step {
    const onAnchor = reason === undefined;
    this.record({ kind: 'phase', phase: 'ended', onAnchor, because: onAnchor ? 'on the anchor' : reason });
    return this.#act({ kind: 'ended' }, { kind: 'end' });
  }

  /** An action failed where nothing is on trial: back to the anchor, and a rest. If that is what failed, the end. */
  giveUp({ what, message, settings }: FailedEvent): Handled {
    const because = `${what}: ${message}`;
    if (what === 'settle') return this.end(`NOT on the anchor: ${JSON.stringify(settings)} is in force, ${because}`);
    const { anchor } = this.#state;
    this.change({ current: anchor });
    this.record(
      { kind: 'not-tried', code: 'apply-failed', settings: null, because },
      { kind: 'intent', settings: anchor, purpose: 'revert' },
    );
    return { enter: 'resting', looksOn: false };
  }

  #act(phase: Phase, action: Action): Step {
    return { state: { ...this.#state, phase }, records: this.#records, action };
  }

  // ------------------------------------------------------------------ trials

  /** @param candidateCalls already offered under the candidate, in the trial that led here */
  begin(purpose: TrialPurpose, baseline: Settings, candidate: Settings, candidateCalls = 0): Run {
    const { nextTrial: trial, reference } = this.#state;
    const design = designOf(this.#state, this.atMs, purpose, candidate);
    const unjudged = purpose === 'candidate' ? unjudgeable(design, reference.windows) : [];
    this.record({ kind: 'trial', trial, atMs: this.atMs, purpose, baseline, candidate, design, unjudged });
    this.change({ nextTrial: trial + 1 });
    return { trial, design, baseline, candidate, seen: [], candidateCalls, pairs: [] };
  }

  /** The trial with one more window, or as it is. What became complete is recorded. */
  advance(run: Run, measured: MeasuredEvent | null): Pick<Advanced, 'run' | 'next' | 'newPairs'> {
    const { newPairs, waitsFor, ...advanced } = advance(run, measured);
    for (const pair of newPairs) this.record({ kind: 'pair', trial: run.trial, pair, waitsFor });
    if (measured) this.remember(measured);
    return { ...advanced, newPairs };
  }

  /** The candidate is in force from now on; a hold-back, where one is asked for, makes it the anchor. */
  keep(run: Run, trigger: Trigger, because: string): Entering {
    this.#decide(run, 'commit', trigger, because);
    this.change({ current: run.candidate, rests: 0 });
    this.record({ kind: 'intent', settings: run.candidate, purpose: 'commit' });
    if (this.#state.session.options.holdBackFraction > 0) return { enter: 'holding', committed: run };
    return this.confirm(run, 'no hold-back was asked for');
  }

  /** The setting in force becomes the anchor. Its windows in the trial count for the next reference, with a few fresh ones. */
  confirm(run: Run, because: string): Entering {
    const { current: settings, session } = this.#state;
    const { baselineWindows } = session.options;
    this.change({ anchor: settings });
    this.record({ kind: 'intent', settings, purpose: 'anchor' }, { kind: 'anchor', settings, because });
    const known = baselineWindows - Math.min(baselineWindows, freshAfterCommit);
    return { enter: 'observing', windows: known === 0 ? [] : candidateWindows(run).slice(-known) };
  }

  /** Back to the anchor, and on to what the ending calls for. */
  takeBack(run: Run, decision: 'revert' | 'hold', trigger: Trigger, because: string): Entering {
    const { voids, rests, blames, judgedBy } = triggers[trigger];
    const { anchor, reference, spent } = this.#state;
    const ofCommit = run.design.purpose === 'hold-back';
    this.change({ current: anchor });
    this.#decide(run, decision, trigger, ofCommit ? `not confirmed after the commit: ${because}` : because);
    if (ofCommit ? blames : rests) {
      // A breaker may have been bad luck: it counts only when it happens again.
      this.record({ kind: 'back-off', ...this.ruleOut(run.candidate, judgedBy === 'breaker' ? 0 : 1) });
    }
    if (!ofCommit && !hasSpent(trigger, run.pairs.length)) this.change({ spent: spent.slice(0, -1) });
    if (voids === 'everything') this.change({ seen: [] });
    this.record({ kind: 'intent', settings: anchor, purpose: 'revert' });
    if (voids !== 'nothing') return { enter: 'observing', windows: [] };
    return ofCommit ? { enter: 'observing', windows: reference.windows } : { enter: 'choosing' };
  }

  #decide(run: Run, decision: Decided['decision'], trigger: Trigger, because: string): void {
    const commits = decision === 'commit';
    this.record({
      kind: 'decision',
      trial: run.trial,
      decision,
      trigger,
      settings: commits ? run.candidate : this.#state.current,
      callsAffected: commits ? 0 : run.candidateCalls,
      afterMs: spanMsOf(run),
      because,
    });
  }
}

function candidateWindows({ seen }: Run): readonly Window[] {
  return seen.filter((one) => one.arm === 'candidate' && isUsable(one.window)).map((one) => one.window);
}
