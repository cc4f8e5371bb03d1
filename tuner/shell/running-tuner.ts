/**
 * A running tuner carries out what `transition` asks for, and gives it the outcome as the next event.
 *
 *   event ──▶ stepper: transition ──▶ ledger ──▶ what is next ──▶ (on disk?) ──▶ actuator ──▶ event …
 *
 * It waits for the disk before it carries out an intent that leaves the anchor, and for nothing else.
 * It keeps the process alive by nothing, installs no signal handlers, and ends on the anchor.
 */
import type { Executor, Settings } from '../../src/contracts.ts';
import { type Clock, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { checkText } from '../../src/foundation/options.ts';
import type { StoreError } from '../../src/store/store-error.ts';
import { type Summary, summarize } from '../advice/summary.ts';
import type { Entry, Proposed, Remark, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { changes, completeSettings, settingsGiven } from '../entries/settings.ts';
import { extendSession, type SessionHistory, sessionBegun } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import type { State } from '../loop/state.ts';
import { type Mode, mayChange } from '../options.ts';
import type { Tuner } from '../tuner.ts';
import { Actuator } from './actuator.ts';
import { untilDurable } from './intents.ts';
import { Listeners } from './listeners.ts';
import { OverheadCheck } from './overhead.ts';
import { Proposals } from './proposals.ts';
import type { OpenedSession } from './session.ts';
import { SettledWaiters } from './settled-waiters.ts';
import { isEnding, Stepper } from './stepper.ts';
import { TrialSpans } from './trial-spans.ts';
import { Upkeep } from './upkeep.ts';
import { warn } from './warn.ts';

export interface TunerParts {
  readonly executor: Executor;
  readonly ledger: TunerLedger;
  readonly session: OpenedSession;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Another tuner may have the executor from now on. */
  readonly release: () => void;
}

export class RunningTuner implements Tuner {
  readonly ledger: TunerLedger;
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #release: () => void;
  readonly #session: OpenedSession;
  readonly #stepper: Stepper;
  readonly #actuator: Actuator;
  readonly #proposals = new Proposals();
  readonly #spans: TrialSpans;
  readonly #listeners = new Listeners();
  readonly #settledWaiters = new SettledWaiters();
  readonly #overhead: OverheadCheck;
  readonly #finished: Promise<void>;
  /** Ends the subscription to trouble with the ledger. */
  readonly #unsubscribe: () => void;
  #history: SessionHistory;
  #interrupt = new AbortController();
  #failure: unknown = null;
  #over = false;

  constructor({ executor, ledger, session, clock, timers, release }: TunerParts) {
    this.#executor = executor;
    this.ledger = ledger;
    this.#clock = clock;
    this.#timers = timers;
    this.#release = release;
    this.#session = session;
    this.#stepper = new Stepper(session.entry, executor, ledger, clock);
    this.#spans = new TrialSpans(clock, executor.name);
    this.#actuator = new Actuator(executor, clock, timers, mayChange(this.mode));
    this.#overhead = new OverheadCheck(executor, session.entry, timers);
    this.#history = sessionBegun(session.entry);
    for (const note of session.notes) this.remark(note);
    this.#unsubscribe = ledger.onTrouble((error) => this.#reportTrouble(error));
    this.#finished = this.mode === 'off' ? Promise.resolve() : this.#run();
  }

  get mode(): Mode {
    return this.#session.mode;
  }

  get anchor(): Settings {
    return this.#stepper.state.anchor;
  }

  get history(): SessionHistory {
    return this.#history;
  }

  propose(settings: Settings, reason = 'somebody asked for it'): Promise<Proposed> {
    const proposed = this.#propose(settings, reason);
    // Whoever proposes may leave it at that: then nobody hears of a refusal, and no process ends by it.
    proposed.catch(() => undefined);
    return proposed;
  }

  async #propose(given: Settings, reason: string): Promise<Proposed> {
    checkText('propose(): reason', reason);
    const settings = settingsGiven('propose()', given);
    if (!mayChange(this.mode)) {
      throw new SandtuneError(
        'ERR_SANDTUNE_OPTION',
        `propose(): expected mode 'confirm' or 'auto', which may try a setting, got '${this.mode}'`,
      );
    }
    completeSettings(this.#executor.knobs, this.#stepper.state.current, settings, this.#session.entry.options.fixed);
    if (!this.#isRunning() || this.#isEnding()) {
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'propose(): expected a running tuner, got one that has ended', {
        cause: this.#failure,
      });
    }
    const { proposed, withdraw } = this.#proposals.add();
    try {
      this.#interject({ kind: 'propose', atMs: this.#now(), proposal: { settings, reason } });
    } catch (error) {
      withdraw();
      throw error;
    }
    return proposed;
  }

  answer(trial: number, accept: boolean): void {
    this.#interject({ kind: 'answer', atMs: this.#now(), trial, accept });
  }

  settled(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure as Error);
    if (this.mode === 'off' || this.#isQuiet()) return Promise.resolve();
    if (this.#over) return Promise.resolve();
    return this.#settledWaiters.add();
  }

  watch(listener: (entry: Entry) => void): () => void {
    const { session } = this.#session.entry;
    return this.#listeners.add(listener, this.ledger.read({ session, windows: false }));
  }

  remark(remark: Remark): void {
    const entry: Entry = { kind: 'remark', session: this.#session.entry.session, remark };
    this.ledger.append([entry]);
    this.#history = extendSession(this.#history, entry);
    this.#listeners.deliver([entry]);
  }

  summary(): Summary {
    const { seen, current } = this.#stepper.state;
    const here = seen.filter((window) => changes(window.settings, current).length === 0);
    return summarize(here.length > 0 ? here : seen);
  }

  async stop(): Promise<void> {
    if (this.#isRunning() && !this.#isEnding()) this.#end({ kind: 'stop', atMs: this.#now() });
    await this.#finished;
    // What the ledger cannot take now was told as its trouble: the anchor is what counts here.
    await this.ledger.release().catch(() => undefined);
    await this.ledger.durable().catch(() => undefined);
    this.#unsubscribe();
    this.#release();
    if (this.#failure !== null) throw this.#failure as Error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.ledger[Symbol.asyncDispose]();
    }
  }

  async #run(): Promise<void> {
    const upkeep = new Upkeep({
      ledger: this.ledger,
      clock: this.#clock,
      timers: this.#timers,
      holdsLease: mayChange(this.mode),
      mayPrune: () => !comparing.has(this.#stepper.state.phase.kind),
      end: (reason) => this.#endOff(reason),
    });
    try {
      this.#advance({ kind: 'begin', atMs: this.#now() });
      while (this.#isRunning() && this.#stepper.next.kind !== 'end') {
        await this.#turn();
        upkeep.betweenWindows();
      }
    } catch (error) {
      this.#failure ??= error;
    }
    upkeep.stop();
    if (this.#failure !== null)
      warn('SANDTUNE_ENDED', `the tuning of '${this.#executor.name}' has ended: ${messageOf(this.#failure)}`);
    // Settling may fail as well, but the failure to report is the one that ended the loop.
    if (this.#failure !== null) await this.#actuator.settle(this.#stepper.state.anchor).catch(() => undefined);
    this.#over = true;
    if (this.#failure !== null) this.#release();
    const { anchor: settings } = this.#stepper.state;
    this.#proposals.end(
      this.#failure === null
        ? { settings, reason: 'the tuner has ended' }
        : { settings, reason: messageOf(this.#failure), cause: this.#failure },
    );
    this.#settledWaiters.wake(this.#failure);
  }

  /** Carries out the next action. */
  async #turn(): Promise<void> {
    const action = this.#stepper.next;
    const { signal } = (this.#interrupt = new AbortController());
    // The outcome of an action that another one replaced meanwhile is ignored.
    const isOvertaken = () => this.#stepper.next !== action || this.#failure !== null;
    await this.#measureOverhead(signal);
    if (isOvertaken()) return;
    if (this.#stepper.mustBeDurable) {
      if (await this.#isDurable(signal)) this.#stepper.wasDurable();
      if (isOvertaken()) return;
    }
    const event = await this.#actuator.carryOut(action, signal);
    if (event === null || isOvertaken()) return;
    this.#advance(event);
    if (event.kind === 'failed' && this.#stepper.state.phase.kind === 'ended')
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `the tuner could not return to the anchor: ${event.message}`);
  }

  /** Ends the session on the anchor when an intent cannot be made durable. */
  async #isDurable(signal: AbortSignal): Promise<boolean> {
    try {
      return await untilDurable(this.ledger, { clock: this.#clock, timers: this.#timers }, signal);
    } catch (error) {
      this.#endOff(`an intent could not be written down: ${messageOf(error)}`);
      return false;
    }
  }

  /** Handles one event, which may change the next action. Listeners come last, because they may call the tuner. */
  #advance(event: TunerEvent): void {
    const { records, entries } = this.#stepper.step(event);
    this.#history = entries.reduce(extendSession, this.#history);
    for (const record of records) this.#onRecord(record);
    this.#spans.update(this.#history);
    this.#listeners.deliver(entries);
    if (this.#isQuiet()) this.#settledWaiters.wake(this.#failure);
  }

  /** Handles an event from outside, which may replace the action that is being carried out. */
  #interject(event: TunerEvent): void {
    const doing = this.#stepper.next;
    this.#advance(event);
    if (this.#stepper.next !== doing) this.#interrupt.abort();
  }

  /** Handles an event that ends the session, which ends even if the event cannot be appended to the ledger. */
  #end(event: Extract<TunerEvent, { kind: 'stop' | 'off' }>): void {
    try {
      this.#interject(event);
    } catch (error) {
      this.#failure ??= error;
      this.#interrupt.abort();
    }
  }

  #endOff(reason: string): void {
    if (this.#isRunning() && !this.#isEnding()) this.#end({ kind: 'off', atMs: this.#now(), reason });
  }

  #reportTrouble({ message }: StoreError): void {
    const text = `the ledger cannot be written (${message}): what '${this.#executor.name}' does is kept in memory and written once it can be; nothing is tried until then`;
    warn('SANDTUNE_LEDGER', text);
    this.remark({ kind: 'note', code: 'ledger', title: 'ledger in trouble', text });
  }

  async #measureOverhead(signal: AbortSignal): Promise<void> {
    const remark = this.#isEnding() ? null : await this.#overhead.run(signal);
    if (remark) this.remark(remark);
  }

  /** Gives a record to whoever acts on it outside the ledger. */
  #onRecord(record: TunerRecord): void {
    this.#proposals.onRecord(record);
    this.#overhead.onRecord(record);
  }

  #now(): number {
    return wallMs(this.#clock);
  }

  #isRunning(): boolean {
    return this.mode !== 'off' && this.#failure === null && this.#stepper.state.phase.kind !== 'ended';
  }

  #isEnding(): boolean {
    return isEnding(this.#stepper.state);
  }

  #isQuiet(): boolean {
    const { kind } = this.#stepper.state.phase;
    return kind === 'watching' || (kind === 'resting' && this.#stepper.state.queue.length === 0);
  }
}

/** Phases in which windows are compared. Work that would hold the event loop up waits until they are over. */
const comparing: ReadonlySet<State['phase']['kind']> = new Set(['noise', 'probing', 'trying', 'hold-back']);
