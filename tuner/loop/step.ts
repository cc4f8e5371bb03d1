/**
 * The step that is built while one event is handled: the new state, and the records in their order. A
 * phase ends a step in one of two ways: with the next action (`measure`, `settle` …), or by naming the
 * phase to enter, which transition.ts then enters.
 *
 * What several phases do is here too: a trial begins, goes on, and its candidate is kept or reverted.
 */
import type { Settings } from '../../src/contracts.ts';
import type { Arm, Decided, RecordOf, Trigger, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { changes, sameSettings } from '../entries/settings.ts';
import { triggers } from '../entries/triggers.ts';
import { afterLeaving, withKnown } from '../predict/known-loads.ts';
import { type BackOff, hasStalled, looksWell, remember, rememberStall, restKnob, ruleOut } from '../predict/memory.ts';
import { provenBy } from '../predict/proven-under.ts';
import { undoneVisit } from '../predict/search/visit.ts';
import { afterGivingBack } from '../trial/budget.ts';
import { type Aim, designOf, drainMs } from '../trial/design.ts';
import { correctedSigma } from '../trial/noise.ts';
import { unjudgeable } from '../trial/plan.ts';
import { type Advanced, advance, type Run, spanOf } from '../trial/run.ts';
import type { WindowPlan } from '../trial/schedule.ts';
import { firstAuditMs, noAudits } from './audits.ts';
import { knownSince, levelBefore, stayedBefore } from './since-change.ts';
import type { Action, Entering, Phase, State, Step } from './state.ts';
import { forgetVisits, found } from './visits.ts';

export type MeasuredEvent = Extract<TunerEvent, { readonly kind: 'measured' }>;
export type FailedEvent = Extract<TunerEvent, { readonly kind: 'failed' }>;
/** The outcome of an action, or an answer to a question. */
export type PhaseEvent = Extract<TunerEvent, { readonly kind: 'measured' | 'done' | 'failed' | 'answer' }>;

/** What a phase makes of an event: the whole step, or the phase to enter. */
export type Handled = Step | Entering;

/** Length of a window while no setting is compared with another. */
export const watchMs = 5000;

export class StepBuilder {
  /** Unix ms of the event, for records: it may be stepped, so no length is read from it. */
  readonly atMs: number;
  /** The session's own clock, 0 at its start, which only goes forward: by it, whatever lasts a while ends. */
  readonly nowMs: number;
  #state: State;
  readonly #records: TunerRecord[] = [];

  constructor(state: State, atMs: number, nowMs: number) {
    this.#state = state;
    this.atMs = atMs;
    this.nowMs = nowMs;
  }

  get state(): State {
    return this.#state;
  }

  /** Another step from the same state: what is done to it changes nothing here. */
  draft(): StepBuilder {
    return new StepBuilder(this.#state, this.atMs, this.nowMs);
  }

  change(part: Partial<Omit<State, 'phase' | 'session' | 'mayChange'>>): void {
    this.#state = { ...this.#state, ...part };
  }

  record(...records: readonly TunerRecord[]): void {
    this.#records.push(...records);
  }

  /** Carries out what ./visits.ts says. */
  tell({ change, records }: ReturnType<typeof found>): void {
    this.change(change);
    this.record(...records);
  }

  remember({ window }: MeasuredEvent): void {
    this.change({ seen: remember(this.#state.seen, window) });
  }

  /** CPUs that the process could use in a window. */
  cpusIn({ cpus = this.#state.session.environment.cores }: MeasuredEvent): number {
    return cpus;
  }

  /** They are others than in the window before, or than in the reference. */
  isOnOtherCpus(event: MeasuredEvent): boolean {
    const now = this.cpusIn(event);
    return now !== this.#state.cpus || now !== this.#state.reference.cpus;
  }

  /** A tuner that may change nothing takes the setting in force as current; its anchor stays. @returns whether another one was current before */
  adopt({ effective }: MeasuredEvent): boolean {
    const { mayChange, current } = this.#state;
    if (mayChange || changes(current, effective).length === 0) return false;
    this.change({ current: effective });
    return true;
  }

  /** @returns the back-off as a record has it */
  ruleOut(
    settings: Settings,
    failures: number,
    why: { readonly left?: boolean; readonly harmedFrom?: Settings } = {},
  ): Omit<RecordOf<'back-off'>, 'kind'> {
    const { restMs } = this.#state.session.options;
    const { ruledOut, one } = ruleOut(this.#state.ruledOut, settings, failures, this.nowMs, restMs, why);
    this.change({ ruledOut, ...(why.left && { known: afterLeaving(this.#state.known, settings) }) });
    return this.#backOff(one);
  }

  #backOff({ untilMs, ...one }: BackOff): Omit<RecordOf<'back-off'>, 'kind'> {
    return { ...one, atMs: this.atMs, untilMs: this.atMs + untilMs - this.nowMs };
  }

  /** Records what becomes of loads that are known. */
  learn(told: readonly RecordOf<'known-load'>[]): void {
    for (const one of told) this.change({ known: withKnown(this.#state.known, one) });
    this.record(...told);
  }

  /** Knobs that failed rest: the others go on being tuned. */
  restKnobs({ knobs = [] }: FailedEvent): void {
    for (const { id } of knobs) {
      const { restingKnobs, session } = this.#state;
      const rest = restKnob(restingKnobs, id, this.nowMs, session.options.restMs);
      const { failures, untilMs } = rest.one;
      this.change({ restingKnobs: rest.restingKnobs });
      const { atMs } = this;
      this.record({ kind: 'knob-rest', knob: id, failures, atMs, untilMs: atMs + untilMs - this.nowMs });
    }
  }

  // ------------------------------------------------------------------ the end of a step

  /** Measures one window at `settings`, without a discard unless `span` asks for one. */
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
      // A stalled arm must soon show as an empty window, so that calls are not waited for much longer.
      maxMs: Math.min(options.maxDurationMs, Math.max(4 * forMs, 2000)),
    });
  }

  /** Measures the window a trial asks for. The discard lasts until the calls of the arm before it have drained. */
  measureArm(phase: Phase, run: Run, plan: WindowPlan): Step {
    const last = run.seen.at(-1)?.window;
    const draining = last && !run.design.overloaded ? Math.min(drainMs([last]), run.design.windowMs) : 0;
    return this.measure(phase, plan.measure === 'candidate' ? run.candidate : run.baseline, {
      arm: plan.measure,
      discardMs: Math.max(plan.discardMs, draining),
      forMs: plan.forMs,
      // The length of a window is fixed with its pair's. Waiting for calls would make slow windows longer than fast ones.
      minCompletions: 0,
    });
  }

  settle(phase: Phase, settings: Settings = this.#state.current): Step {
    return this.#act(phase, { kind: 'settle', settings });
  }

  warm(phase: Phase, { baseline, candidate }: { readonly baseline: Settings; readonly candidate: Settings }): Step {
    return this.#act(phase, { kind: 'warm', a: baseline, b: candidate });
  }

  /** @param untilMs on the session's own clock */
  await(phase: Phase, untilMs: number): Step {
    return this.#act(phase, { kind: 'await', forMs: Math.max(0, untilMs - this.nowMs) });
  }

  /** Ends the step without an action: the shell goes on with the one before. */
  stay(): Step {
    return { state: this.#state, records: this.#records, action: null };
  }

  /** Ends the session. @param reason what kept the executor from the anchor; left out when it is on it */
  end(reason?: string): Step {
    const onAnchor = reason === undefined;
    this.record({ kind: 'phase', phase: 'ended', onAnchor, reason: onAnchor ? 'on the anchor' : reason });
    return this.#act({ kind: 'ended' }, { kind: 'end' });
  }

  /** After an action failed outside a trial, goes back to the anchor and rests. If going back failed, ends the session. */
  giveUp({ what, message, settings }: FailedEvent): Handled {
    const reason = `${what}: ${message}`;
    if (what === 'settle') return this.end(`NOT on the anchor: ${JSON.stringify(settings)} is in force, ${reason}`);
    const { anchor } = this.#state;
    this.change({ current: anchor });
    this.record(
      { kind: 'not-tried', code: 'apply-failed', settings: null, reason },
      { kind: 'intent', settings: anchor, purpose: 'revert' },
    );
    return { enter: 'resting', measures: false };
  }

  #act(phase: Phase, action: Action): Step {
    return { state: { ...this.#state, phase }, records: this.#records, action };
  }

  // ------------------------------------------------------------------ trials

  /** Begins a trial. @param committed the trial before it of which it is the hold-back */
  begin(aim: Aim, baseline: Settings, candidate: Settings, committed?: Run): Run {
    const { nextTrial: trial, reference } = this.#state;
    const aimed = { ...aim, ...(committed && { after: committed.design }) };
    const designed = designOf(this.#state, this.nowMs, aimed, candidate);
    const stalledBefore = hasStalled(this.#state.ruledOut, candidate, this.nowMs);
    const sigmaD = correctedSigma(designed.sigmaD, committed?.pairs.map((pair) => pair.d) ?? []);
    const design = { ...designed, sigmaD, ...(stalledBefore && { stalledBefore }) };
    const { purpose, predicted } = aim;
    const unjudged = purpose === 'candidate' ? unjudgeable(design, reference.windows, predicted) : [];
    this.record({ kind: 'trial', trial, atMs: this.atMs, purpose, baseline, candidate, design, unjudged });
    this.change({ nextTrial: trial + 1 });
    return {
      trial,
      design,
      baseline,
      candidate,
      seen: [],
      between: [],
      candidateCalls: committed?.candidateCalls ?? 0,
      before: committed ? spanOf(committed) : null,
      pairs: [],
    };
  }

  /** The trial with one more window (null: as it is), which `isBetween` its pairs or part of one. Records the pairs it completed. */
  advance(run: Run, measured: MeasuredEvent | null, isBetween = false): Pick<Advanced, 'run' | 'next' | 'newPairs'> {
    const { newPairs, waitsFor, ...advanced } = advance(run, measured, isBetween);
    for (const pair of newPairs) this.record({ kind: 'pair', trial: run.trial, pair, waitsFor });
    if (measured) this.remember(measured);
    return { ...advanced, newPairs };
  }

  /** Puts the candidate in force. A hold-back makes it the anchor later; without one it is the anchor at once. */
  keep(run: Run, trigger: Trigger, reason: string): Entering {
    this.#decide(run, 'commit', trigger, reason);
    this.change({ current: run.candidate, rests: 0 });
    // Whoever proposed what was left for the default would propose it again.
    if (run.design.audit) this.record({ kind: 'back-off', ...this.ruleOut(run.baseline, 1, { left: true }) });
    this.record({ kind: 'intent', settings: run.candidate, purpose: 'commit' });
    if (this.#state.session.options.holdBackFraction > 0) return { enter: 'hold-back', committed: run };
    return this.makeAnchor(run, 'no hold-back was asked for');
  }

  /** Makes the setting in force the anchor. The next reference takes its windows in the trial, and a few fresh ones. */
  makeAnchor(run: Run, reason: string): Entering {
    const { nowMs } = this;
    const { current: settings, session, audits } = this.#state;
    const before = levelBefore(this.#state, run.design.goal.guardrails, nowMs);
    this.change({ anchor: settings, audits: { ...noAudits, lastMs: nowMs, dueMs: nowMs + firstAuditMs, before } });
    this.record({ kind: 'intent', settings, purpose: 'anchor' }, { kind: 'anchor', settings, reason });
    this.learn(provenBy(this.#state, run, this.atMs, stayedBefore(audits, run, nowMs)));
    return { enter: 'observing', windows: knownSince(run, session.options.baselineWindows) };
  }

  /** Ends a trial because an action failed: a knob is to blame, or nobody, but not the candidate. */
  revertFailed(run: Run, { what, message, knobs }: FailedEvent): Entering {
    return this.revert(run, 'revert', knobs ? 'apply failed' : 'measure failed', `${what}: ${message}`);
  }

  /**
   * Goes back to the anchor, and enters the phase that the trial's ending calls for.
   * @param leaves the anchor itself is left next (leaving.ts): nobody goes back to it first
   */
  revert(run: Run, decision: 'revert' | 'hold', trigger: Trigger, reason: string, leaves = false): Entering {
    const { voids, rests, blames, harms, again, judgedBy } = triggers[trigger];
    const { anchor, reference, ruledOut } = this.#state;
    const ofCommit = run.design.purpose === 'hold-back';
    this.change({ current: anchor });
    this.#decide(
      run,
      decision,
      trigger,
      ofCommit ? `hold-back ${judgedBy === null ? 'cut short' : 'not passed'}: ${reason}` : reason,
      ofCommit || run.design.audit ? 0 : this.#giveBack(run),
    );
    if (ofCommit ? blames : rests) {
      // A breaker may trip by bad luck, so the first time it counts as no failure.
      const isFirst = !ruledOut.some((one) => sameSettings(one.settings, run.candidate));
      const lookedWell = ofCommit && harms;
      const failures = lookedWell ? looksWell : judgedBy === 'breaker' && isFirst ? 0 : 1;
      const why = lookedWell ? { harmedFrom: anchor } : {};
      this.record({ kind: 'back-off', ...this.ruleOut(run.candidate, failures, why) });
    }
    if (ofCommit && blames) this.tell(found(this.#state, this, undoneVisit(run), { undoes: true }));
    if (again) {
      const { one, ...remembered } = rememberStall(ruledOut, run.candidate, this.nowMs);
      this.change(remembered);
      this.record({ kind: 'back-off', ...this.#backOff(one) });
    }
    if (voids === 'everything') {
      this.change({ seen: [] });
      this.tell(forgetVisits(this.#state, this, reason));
    }
    if (!leaves) this.record({ kind: 'intent', settings: anchor, purpose: 'revert' });
    if (voids !== 'nothing') return { enter: 'observing', windows: [] };
    return ofCommit ? { enter: 'observing', windows: reference.windows } : { enter: 'choosing' };
  }

  /** @returns what is given back of the level that the trial spent */
  #giveBack(run: Run): number {
    const { spent, back } = afterGivingBack(this.#state.spent, run);
    this.change({ spent });
    return back;
  }

  #decide(run: Run, decision: Decided['decision'], trigger: Trigger, reason: string, givesBack = 0): void {
    const commits = decision === 'commit';
    const span = spanOf(run);
    this.record({
      kind: 'decision',
      trial: run.trial,
      decision,
      trigger,
      settings: commits ? run.candidate : this.#state.current,
      callsAffected: commits ? 0 : run.candidateCalls,
      afterMs: span ? span.endMs - span.startMs : 0,
      reason,
      ...(givesBack > 0 && { givesBack }),
    });
  }
}
