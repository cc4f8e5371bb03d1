/**
 * The shell of the loop: carries out what `transition` asks for and tells it what came of it.
 *
 *   event ──▶ transition ──▶ records ──▶ ledger (durable) ──▶ action ──▶ executor ──▶ event …
 *
 * It keeps the process alive by nothing, installs no signal handlers, and ends on the anchor.
 */
import type { Executor, Knob, Settings } from '../src/contracts.ts';
import { type Clock, type Timers, wallMs } from '../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../src/foundation/errors.ts';
import { type Summary, summarize } from '../src/measure/summary.ts';
import { checkKnobs, effectiveSettings } from './apply.ts';
import type { Decided, Entry, Remark, TunerEvent, TunerRecord } from './entries/entries.ts';
import { changes, completeSettings } from './entries/settings.ts';
import { Hands } from './hands.ts';
import { extendSession, type SessionHistory, sessionBegun } from './history.ts';
import { Housekeeping } from './housekeeping.ts';
import { openLedger, type TunerLedger } from './ledger.ts';
import { type Action, initialState, type State } from './loop/state.ts';
import { transition } from './loop/transition.ts';
import { type Mode, mayChange, resolveTuneOptions, type TuneOptions } from './options.ts';
import { overheadRemark } from './overhead.ts';
import { Proposals } from './proposals.ts';
import { type OpenedSession, openSession, plain } from './session.ts';
import { TrialSpans } from './trial-spans.ts';
import type { Tuner } from './tuner.ts';
import { Watchers } from './watchers.ts';

export type { Tuner } from './tuner.ts';

/**
 * Tunes `executor`. By default it only observes: the knobs stay whoever's they were. In the modes
 * confirm and auto they are the tuner's until it stops; a value set by hand meanwhile is put back
 * (pin it with `fixed` instead).
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_KNOB, ERR_SANDTUNE_LEDGER
 */
export function tune(executor: Executor, options: TuneOptions = {}): Tuner {
  const resolved = resolveTuneOptions(options);
  checkKnobs(executor.knobs);
  const configured = effectiveSettings(executor.knobs);
  completeSettings(executor.knobs, configured, resolved.options.fixed);
  const ledger = openLedger({ stateDir: resolved.options.stateDir, executor: executor.name, configured });
  return new RunningTuner(executor, ledger, resolved);
}

class RunningTuner implements Tuner {
  readonly ledger: TunerLedger;
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #session: OpenedSession;
  readonly #hands: Hands;
  readonly #proposals = new Proposals();
  readonly #spans: TrialSpans;
  readonly #watchers = new Watchers();
  readonly #finished: Promise<void>;
  #state: State;
  #history: SessionHistory;
  /** What is being carried out, or will be next. An event from outside may put another in its place. */
  #next: Action = { kind: 'end' };
  #interrupt = new AbortController();
  #overhead: 'to come' | 'due' | 'done';
  #settledWaiters: PromiseWithResolvers<void>[] = [];
  #failure: unknown = null;
  #over = false;
  #released = false;

  constructor(executor: Executor, ledger: TunerLedger, resolved: ReturnType<typeof resolveTuneOptions>) {
    const { clock, timers } = resolved.surroundings;
    this.#executor = executor;
    this.ledger = ledger;
    this.#clock = clock;
    this.#timers = timers;
    this.#spans = new TrialSpans(clock, executor.name);
    this.#session = openSession(executor, ledger, resolved, clock);
    this.#hands = new Hands(executor, clock, timers, mayChange(this.mode));
    this.#overhead = resolved.options.overheadPairs > 0 ? 'to come' : 'done';
    this.#state = initialState(this.#session.entry);
    this.#history = sessionBegun(this.#session.entry);
    for (const note of this.#session.notes) this.remark(note);
    this.#finished = this.mode === 'off' ? Promise.resolve() : this.#run();
  }

  get mode(): Mode {
    return this.#session.mode;
  }

  get anchor(): Settings {
    return this.#state.anchor;
  }

  get history(): SessionHistory {
    return this.#history;
  }

  propose(settings: Settings, because = 'somebody asked for it'): Promise<Decided> {
    if (!mayChange(this.mode)) {
      throw new SandtuneError(
        'ERR_SANDTUNE_OPTION',
        `propose(): expected mode 'confirm' or 'auto', which may try a setting, got '${this.mode}'`,
      );
    }
    completeSettings(this.#executor.knobs, this.#state.current, settings, this.#session.entry.options.fixed);
    if (!this.#isRunning() || this.#isEnding()) {
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'propose(): expected a running tuner, got one that has ended', {
        cause: this.#failure,
      });
    }
    const { decided, withdraw } = this.#proposals.add();
    try {
      this.#post({ kind: 'propose', atMs: this.#now(), proposal: { settings, because } });
    } catch (error) {
      withdraw();
      throw error;
    }
    return decided;
  }

  answer(trial: number, accept: boolean): void {
    this.#post({ kind: 'answer', atMs: this.#now(), trial, accept });
  }

  settled(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure as Error);
    if (this.mode === 'off' || this.#isQuiet()) return Promise.resolve();
    if (this.#over) return Promise.resolve();
    const waiter = Promise.withResolvers<void>();
    this.#settledWaiters.push(waiter);
    return waiter.promise;
  }

  watch(listener: (entry: Entry) => void): () => void {
    return this.#watchers.add(listener, this.ledger.outline(this.#session.entry.session));
  }

  remark(remark: Remark): void {
    this.#write([{ kind: 'remark', session: this.#session.entry.session, remark }]);
  }

  summary(): Summary {
    const { seen, current } = this.#state;
    const here = seen.filter((window) => changes(window.settings, current).length === 0);
    return summarize(here.length > 0 ? here : seen);
  }

  async stop(): Promise<void> {
    if (this.#isRunning() && !this.#isEnding()) this.#end({ kind: 'stop', atMs: this.#now() });
    await this.#finished;
    if (!this.#released) {
      this.#released = true;
      this.ledger.release(this.#session.owner);
    }
    if (this.#failure !== null) throw this.#failure as Error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      this.ledger[Symbol.dispose]();
    }
  }

  async #run(): Promise<void> {
    const house = new Housekeeping(this.ledger, this.#session.owner, this.#clock, this.#timers, {
      end: (why) => {
        if (this.#isRunning() && !this.#isEnding()) this.#end({ kind: 'off', atMs: this.#now(), why });
      },
      needsLease: mayChange(this.mode),
      mayPrune: () => !onTrial.has(this.#state.phase.kind),
    });
    try {
      this.#feed({ kind: 'begin', atMs: this.#now() });
      while (this.#isRunning() && this.#next.kind !== 'end') {
        await this.#turn();
        house.keep();
      }
    } catch (error) {
      this.#failure ??= error;
    }
    house.stop();
    // If the executor itself is broken too, the failure that brought us here is the one to report.
    if (this.#failure !== null) await this.#hands.settle(this.#state.anchor).catch(() => undefined);
    this.#over = true;
    this.#proposals.end(this.#failure === null ? 'the tuner has ended' : messageOf(this.#failure), this.#failure);
    this.#wakeSettled();
  }

  /** Carries out what is next. */
  async #turn(): Promise<void> {
    const action = this.#next;
    this.#interrupt = new AbortController();
    await this.#measureOverhead(this.#interrupt.signal);
    if (this.#next !== action || this.#failure !== null) return;
    const event = await this.#hands.carryOut(action, this.#interrupt.signal);
    // What came of an action that was overtaken meanwhile is nobody's answer.
    if (event === null || this.#next !== action || this.#failure !== null) return;
    this.#feed(event);
    if (event.kind === 'failed' && this.#state.phase.kind === 'ended')
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `the tuner could not return to the anchor: ${event.message}`);
  }

  /** One event in, its records to the ledger; what is to be done next may change. */
  #feed(event: TunerEvent): void {
    // What transition sees is exactly what a replay will read back.
    const recorded = plain(event);
    const { session } = this.#session.entry;
    const step = transition(this.#state, recorded);
    const entries: readonly Entry[] = [
      { kind: 'event', session, event: recorded },
      ...step.records.map((record): Entry => ({ kind: 'record', session, record })),
      ...step.records
        .flatMap((record) => this.#remarksOn(record))
        .map((remark): Entry => ({ kind: 'remark', session, remark })),
    ];
    this.ledger.appendAll(entries);
    this.#history = entries.reduce(extendSession, this.#history);
    // Only now is it so. Watchers come last: they may call back in.
    this.#state = step.state;
    if (step.action) this.#next = step.action;
    for (const record of step.records) this.#follow(record);
    this.#spans.update(this.#history);
    this.#watchers.tell(entries);
    if (this.#isQuiet()) this.#wakeSettled();
  }

  /** An event from outside: it may replace what is being done. */
  #post(event: TunerEvent): void {
    const doing = this.#next;
    this.#feed(event);
    if (this.#next !== doing) this.#interrupt.abort();
  }

  /** The same for one that ends the session: it ends also when the ledger cannot be told. */
  #end(event: Extract<TunerEvent, { kind: 'stop' | 'off' }>): void {
    try {
      this.#post(event);
    } catch (error) {
      this.#failure ??= error;
      this.#interrupt.abort();
    }
  }

  /** Once a session, when there is a reference and nothing is on trial: what measuring itself costs. */
  async #measureOverhead(signal: AbortSignal): Promise<void> {
    if (this.#overhead !== 'due' || this.#isEnding()) return;
    this.#overhead = 'done';
    const { overheadPairs: pairs, windowMs, seed } = this.#session.entry.options;
    const remark = await overheadRemark(this.#executor, {
      pairs,
      windowMs: Math.min(windowMs, 200),
      seed,
      timers: this.#timers,
      signal,
    });
    if (remark) this.remark(remark);
  }

  /** What a record means outside the ledger. */
  #follow(record: TunerRecord): void {
    this.#proposals.follow(record);
    if (record.kind === this.#referenceRecord() && this.#overhead === 'to come') this.#overhead = 'due';
    if (record.kind === 'anchor' && this.#session.entry.options.persist) this.ledger.keep(record.settings);
  }

  #remarksOn(record: TunerRecord): readonly Remark[] {
    const recommends = (record.kind === 'decision' && record.decision === 'commit') || record.kind === 'recommendation';
    return recommends ? [{ kind: 'patch', settings: record.settings, patches: this.#patches(record.settings) }] : [];
  }

  #patches(settings: Settings): Extract<Remark, { kind: 'patch' }>['patches'] {
    return changes(this.#session.entry.anchor, settings).flatMap(([id, , value]) => {
      const knob = this.#executor.knobs.find((one) => one.id === id) as Knob<typeof value> | undefined;
      return knob ? [{ knob: id, patch: knob.patch(value) }] : [];
    });
  }

  /** The record after which there is a reference to measure the overhead at. */
  #referenceRecord(): TunerRecord['kind'] {
    return mayChange(this.mode) && this.#session.entry.options.noisePairs > 0 ? 'noise' : 'baseline';
  }

  #write(entries: readonly Entry[]): void {
    this.ledger.appendAll(entries);
    this.#history = entries.reduce(extendSession, this.#history);
    this.#watchers.tell(entries);
  }

  #now(): number {
    return wallMs(this.#clock);
  }

  #isRunning(): boolean {
    return this.mode !== 'off' && this.#failure === null && this.#state.phase.kind !== 'ended';
  }

  #isEnding(): boolean {
    return this.#state.phase.kind === 'settling' && this.#state.phase.then === 'end';
  }

  #isQuiet(): boolean {
    const { kind } = this.#state.phase;
    return kind === 'watching' || (kind === 'resting' && this.#state.queue.length === 0);
  }

  #wakeSettled(): void {
    const waiters = this.#settledWaiters;
    this.#settledWaiters = [];
    for (const waiter of waiters) {
      if (this.#failure === null) waiter.resolve();
      else waiter.reject(this.#failure);
    }
  }
}

/** Phases in which windows are compared: what holds the event loop up is left for later. */
const onTrial: ReadonlySet<State['phase']['kind']> = new Set(['noise', 'probing', 'trying', 'holding']);
