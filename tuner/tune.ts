/**
 * The shell of the loop: carries out what `transition` asks for and tells it what came of it.
 *
 *   event ──▶ transition ──▶ records ──▶ ledger (durable) ──▶ action ──▶ executor ──▶ event …
 *
 * It keeps the process alive by nothing, installs no signal handlers, and ends on the anchor.
 */
import type { Executor, Knob, Settings } from '../src/contracts.ts';
import { type Clock, systemClock, systemTimers, type Timers, wallMs } from '../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../src/foundation/errors.ts';
import { type Summary, summarize } from '../src/measure/summary.ts';
import { checkKnobs, effectiveSettings } from './apply.ts';
import type { Decided, Entry, Remark, TunerEvent, TunerRecord } from './entries.ts';
import { Hands } from './hands.ts';
import { openLedger, type TunerLedger } from './ledger.ts';
import { type Action, initialState, type State } from './loop/state.ts';
import { transition } from './loop/transition.ts';
import { type Mode, resolveTuneOptions, type TuneOptions } from './options.ts';
import { overheadRemark } from './overhead.ts';
import { Proposals } from './proposals.ts';
import { type OpenedSession, openSession, plain } from './session.ts';
import { changes, completeSettings } from './settings.ts';
import { TrialSpans } from './trial-spans.ts';

export interface Tuner extends AsyncDisposable {
  readonly ledger: TunerLedger;
  readonly mode: Mode;
  /** The last setting known to be good. */
  readonly anchor: Settings;
  /**
   * Tries `settings` (laid over what is in force) in a trial, whatever the predictors think of it;
   * resolves with the decision. Modes confirm and auto only.
   * @throws {SandtuneError} ERR_SANDTUNE_KNOB for an unknown knob or a value outside its domain,
   *   ERR_SANDTUNE_OPTION in a mode that changes nothing
   */
  propose(settings: Settings, because?: string): Promise<Decided>;
  /** Mode confirm: the answer to an `ask` record. */
  answer(trial: number, accept: boolean): void;
  /** Resolves when nothing is worth trying for now, or the tuner has ended. @throws what ended the loop early */
  settled(): Promise<void>;
  /** Called with every entry of this session once it is in the ledger, those of before (but windows) first; returns the way to stop that. */
  watch(listener: (entry: Entry) => void): () => void;
  /** Adds what a reader of the ledger should see. */
  remark(remark: Remark): void;
  /** Of the windows seen so far at the setting in force. */
  summary(): Summary;
  /** Ends on the anchor, within one window. The ledger stays readable until it is disposed. */
  stop(): Promise<void>;
}

export interface TuneSurroundings {
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A lease is renewed, and the off switch read, this often. */
const housekeepingMs = 3000;

/**
 * Tunes `executor`. By default it only observes.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_KNOB, ERR_SANDTUNE_LEDGER
 */
export function tune(executor: Executor, options: TuneOptions = {}, surroundings: TuneSurroundings = {}): Tuner {
  const resolved = resolveTuneOptions(options, surroundings.environment ?? process.env);
  checkKnobs(executor.knobs);
  const configured = effectiveSettings(executor.knobs);
  completeSettings(executor.knobs, configured, resolved.options.fixed);
  const ledger = openLedger({ stateDir: resolved.options.stateDir, executor: executor.name, configured });
  const { clock = systemClock, timers = systemTimers } = surroundings;
  return new RunningTuner(executor, ledger, resolved, clock, timers);
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
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #finished: Promise<void>;
  #state: State;
  #interrupt = new AbortController();
  #override: Action | null = null;
  #overhead: 'to come' | 'due' | 'done';
  #lastHousekeepingMs = 0;
  #settledWaiters: PromiseWithResolvers<void>[] = [];
  #failure: unknown = null;

  constructor(
    executor: Executor,
    ledger: TunerLedger,
    resolved: ReturnType<typeof resolveTuneOptions>,
    clock: Clock,
    timers: Timers,
  ) {
    this.#executor = executor;
    this.ledger = ledger;
    this.#clock = clock;
    this.#timers = timers;
    this.#hands = new Hands(executor, clock, timers);
    this.#spans = new TrialSpans(clock, executor.name);
    this.#session = openSession(executor, ledger, resolved, clock);
    this.#overhead = resolved.options.overheadPairs > 0 ? 'to come' : 'done';
    this.#state = initialState(this.#session.entry);
    for (const note of this.#session.notes) this.remark({ kind: 'note', ...note });
    this.#finished = this.mode === 'off' ? Promise.resolve() : this.#loop();
  }

  get mode(): Mode {
    return this.#session.mode;
  }

  get anchor(): Settings {
    return this.#state.anchor;
  }

  propose(settings: Settings, because = 'somebody asked for it'): Promise<Decided> {
    if (this.mode !== 'auto' && this.mode !== 'confirm') {
      throw new SandtuneError(
        'ERR_SANDTUNE_OPTION',
        `propose(): expected mode 'confirm' or 'auto', which may try a setting, got '${this.mode}'`,
      );
    }
    completeSettings(this.#executor.knobs, this.#state.current, settings, this.#session.entry.options.fixed);
    if (this.#state.phase.kind === 'ended' || this.#failure !== null) {
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'propose(): expected a running tuner, got one that has ended', {
        cause: this.#failure,
      });
    }
    const decided = this.#proposals.add();
    this.#post({ kind: 'propose', atMs: this.#now(), proposal: { settings, because } });
    return decided;
  }

  answer(trial: number, accept: boolean): void {
    this.#post({ kind: 'answer', atMs: this.#now(), trial, accept });
  }

  settled(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure as Error);
    if (this.mode === 'off' || this.#isQuiet()) return Promise.resolve();
    const waiter = Promise.withResolvers<void>();
    this.#settledWaiters.push(waiter);
    return waiter.promise;
  }

  watch(listener: (entry: Entry) => void): () => void {
    for (const entry of this.ledger.outline(this.#session.entry.session)) listener(entry);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    if (this.mode !== 'off' && this.#state.phase.kind !== 'ended' && this.#failure === null && !this.#isEnding()) {
      this.#post({ kind: 'stop', atMs: this.#now() });
    }
    await this.#finished;
    this.ledger.release(this.#session.owner);
    this.#proposals.end('the tuner was stopped');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.ledger[Symbol.dispose]();
  }

  async #loop(): Promise<void> {
    try {
      let action = this.#feed({ kind: 'begin', atMs: this.#now() });
      while (action !== null && action.kind !== 'end') {
        this.#interrupt = new AbortController();
        await this.#measureOverhead(this.#interrupt.signal);
        const event = await this.#hands.carryOut(action, this.#interrupt.signal);
        this.#housekeeping();
        if (this.#override) {
          action = this.#override;
          this.#override = null;
        } else if (event) {
          action = this.#feed(event);
        }
      }
    } catch (error) {
      this.#failure = error;
      // If the executor itself is broken too, the failure that brought us here is the one to report.
      await this.#hands.settle(this.#state.anchor).catch(() => undefined);
      this.#proposals.end(messageOf(error), error);
    } finally {
      this.#wakeSettled();
    }
  }

  /** One event in, its records to the ledger, the next action out. */
  #feed(event: TunerEvent): Action | null {
    // What transition sees is exactly what a replay will read back.
    const recorded = plain(event);
    const { session } = this.#session.entry;
    const step = transition(this.#state, recorded);
    this.#write([
      { kind: 'event', session, event: recorded },
      ...step.records.map((record): Entry => ({ kind: 'record', session, record })),
    ]);
    this.#state = step.state;
    for (const record of step.records) this.#follow(record);
    if (this.#isQuiet()) this.#wakeSettled();
    return step.action;
  }

  /** An event from outside: it may replace what is being done. */
  #post(event: TunerEvent): void {
    const action = this.#feed(event);
    if (action === null) return;
    this.#override = action;
    this.#interrupt.abort();
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
    this.#spans.follow(record);
    if (record.kind === this.#referenceRecord() && this.#overhead === 'to come') this.#overhead = 'due';
    if (record.kind === 'anchor' && this.#session.entry.options.persist) this.ledger.keep(record.settings);
    const recommends = (record.kind === 'decision' && record.decision === 'commit') || record.kind === 'recommendation';
    if (recommends) this.remark({ kind: 'patch', settings: record.settings, patches: this.#patches(record.settings) });
  }

  #patches(settings: Settings): Extract<Remark, { kind: 'patch' }>['patches'] {
    return changes(this.#session.entry.anchor, settings).flatMap(([id, , value]) => {
      const knob = this.#executor.knobs.find((one) => one.id === id) as Knob<typeof value> | undefined;
      return knob ? [{ knob: id, patch: knob.patch(value) }] : [];
    });
  }

  /** The record after which there is a reference to measure the overhead at. */
  #referenceRecord(): TunerRecord['kind'] {
    const flips = this.mode === 'auto' || this.mode === 'confirm';
    return flips && this.#session.entry.options.noisePairs > 0 ? 'noise' : 'baseline';
  }

  #housekeeping(): void {
    const nowMs = this.#now();
    if (nowMs - this.#lastHousekeepingMs < housekeepingMs || this.#isEnding()) return;
    this.#lastHousekeepingMs = nowMs;
    this.ledger.prune(nowMs);
    if (this.ledger.isOff()) return this.#post({ kind: 'off', atMs: nowMs, why: 'switched off in the ledger' });
    const lease = this.ledger.lease(this.#session.owner, nowMs);
    if (lease !== true)
      this.#post({ kind: 'off', atMs: nowMs, why: `another process (${lease.owner}) holds the lease` });
  }

  #write(entries: readonly Entry[]): void {
    this.ledger.appendAll(entries);
    for (const entry of entries) for (const listener of this.#listeners) listener(entry);
  }

  #now(): number {
    return wallMs(this.#clock);
  }

  #isEnding(): boolean {
    return this.#state.phase.kind === 'settling' && this.#state.phase.then === 'end';
  }

  #isQuiet(): boolean {
    const { kind } = this.#state.phase;
    return (kind === 'resting' && this.#state.queue.length === 0) || kind === 'ended' || kind === 'watching';
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
