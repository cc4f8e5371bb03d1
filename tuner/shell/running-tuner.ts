/**
 * A running tuner: what `tune()` returns. It runs one session after another, and keeps what outlives
 * each of them: who listens, what was proposed, who waits until nothing is worth trying.
 *
 *   start ──▶ SessionRun ── over, failed ──▶ ended
 *                ▲   └───── handed over ─────┐
 *                └── Starter: another one ◀──┘
 *
 * Another one follows when the lease was granted or lost, and when the ledger's file is gone or damaged.
 * The tuner keeps the process alive by nothing, installs no signal handlers, and ends on the anchor.
 */
import type { Executor, Settings, Window } from '../../src/contracts.ts';
import { type Clock, systemTimers, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { checkBoolean, checkInteger, checkKeys, checkText } from '../../src/foundation/options.ts';
import type { Turns } from '../../src/store/turns.ts';
import { type Summary, summarize } from '../advice/summary.ts';
import { checkRemark } from '../check-remark.ts';
import type { ExecutorClaim } from '../claims.ts';
import type { Entry, Proposed, Remark } from '../entries/entries.ts';
import { changes, settingsGiven } from '../entries/settings.ts';
import type { SessionHistory } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import { type Mode, mayChange } from '../options.ts';
import type { StopOptions, Tuner } from '../tuner.ts';
import { Announcer } from './announcer.ts';
import { checkProposal } from './check-proposal.ts';
import { answerOf } from './foreign-calls.ts';
import { Listeners } from './listeners.ts';
import { Obstacles } from './obstacles.ts';
import { leaveLease } from './own-lease.ts';
import { Proposals } from './proposals.ts';
import { Sayings } from './sayings.ts';
import type { SessionEnd } from './session-end.ts';
import { SessionRun } from './session-run.ts';
import { SettledWaiters } from './settled-waiters.ts';
import type { Started, Starter } from './start.ts';

export interface TunerParts {
  readonly executor: Executor;
  readonly starter: Starter;
  readonly clock: Clock;
  readonly timers: Timers;
  /** CPUs that this process may use now. */
  readonly cpus: () => number;
  readonly turns: Turns;
  /** On the executor: given up once the tuner has ended. */
  readonly claim: ExecutorClaim;
}

/** Longest that `stop()` waits for a ledger, whose disk knows no other than the real time: the executor is on its anchor by then. */
const ledgerMaxWaitMs = 2000;

export class RunningTuner implements Tuner {
  readonly #parts: TunerParts;
  readonly #announcer = new Announcer((remark) => this.#session.remark(remark));
  readonly #obstacles: Obstacles;
  readonly #sayings: Sayings;
  readonly #proposals = new Proposals();
  readonly #listeners = new Listeners((code, text) => this.#announcer.say(code, text));
  readonly #settledWaiters = new SettledWaiters();
  readonly #finished: Promise<void>;
  #session: SessionRun;
  #failure: unknown = null;
  #stopping = false;
  #over = false;

  constructor(parts: TunerParts) {
    this.#parts = parts;
    this.#obstacles = new Obstacles(this.#announcer, parts.executor);
    this.#sayings = new Sayings(this.#announcer, parts.executor.name);
    this.#session = this.#sessionOf(parts.starter.start());
    this.#finished = this.#run();
  }

  get ledger(): TunerLedger {
    return this.#session.ledger;
  }

  get mode(): Mode {
    if (this.#over) return 'off';
    return this.#session.state.phase.kind === 'suspended' ? 'observe' : this.#session.mode;
  }

  get anchor(): Settings {
    return this.#session.state.anchor;
  }

  get history(): SessionHistory {
    return this.#session.history;
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
    const { state, entry, mode } = this.#session;
    if (!mayChange(mode)) {
      throw new SandtuneError(
        'ERR_SANDTUNE_OPTION',
        `propose(): expected mode 'confirm' or 'auto', which may try a setting, got '${mode}'`,
      );
    }
    checkProposal(this.#parts.executor, state.current, settings, entry.options.fixed);
    if (!this.#session.isOpen) {
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'propose(): expected a running tuner, got one that has ended', {
        cause: this.#failure,
      });
    }
    const { proposed, withdraw } = this.#proposals.add();
    try {
      this.#session.interject({ kind: 'propose', atMs: this.#now(), proposal: { settings, reason } });
    } catch (error) {
      withdraw();
      throw error;
    }
    return proposed;
  }

  answer(trial: number, accept: boolean): void {
    checkInteger('answer(): trial', trial);
    checkBoolean('answer(): accept', accept);
    // Nothing is asked any more by a tuner that has ended.
    if (this.#session.isOpen) this.#session.interject({ kind: 'answer', atMs: this.#now(), trial, accept });
  }

  settled(): Promise<void> {
    const settled = this.#settled();
    // What ended the tuner was said: it ends no process whose author waits for something else.
    settled.catch(() => undefined);
    return settled;
  }

  #settled(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure as Error);
    if (this.#over || this.#session.mode === 'off' || this.#session.isQuiet) return Promise.resolve();
    return this.#settledWaiters.add();
  }

  watch(listener: (entry: Entry) => void): () => void {
    const { session } = this.#session.entry;
    return this.#listeners.add(listener, this.ledger.read({ session, windows: false }));
  }

  remark(remark: Remark): void {
    checkRemark(remark);
    this.#session.remark(remark);
  }

  summary(): Summary {
    const { seen, current } = this.#session.state;
    const isHere = (window: Window) => changes(window.settings, current).length === 0;
    const here = seen.filter(isHere);
    if (here.length === 0) return summarize(seen);
    const elsewhere = seen.filter((one) => !isHere(one));
    return summarize(here, undefined, elsewhere);
  }

  async stop(options: StopOptions = {}): Promise<void> {
    checkKeys('stop()', options, ['interruptedBy']);
    const { interruptedBy } = options;
    if (interruptedBy !== undefined) checkText('stop(): interruptedBy', interruptedBy);
    this.#stopping = true;
    this.#session.end({ kind: 'stop', atMs: this.#now(), ...(interruptedBy !== undefined && { interruptedBy }) });
    await this.#finished;
    // The anchor is what counts here: what the ledger cannot take now is said, and is no failure of stop().
    const limits = { timers: systemTimers, limitMs: ledgerMaxWaitMs, keepAlive: true };
    await answerOf(this.ledger.durable(), 'the disk', limits).catch((error) => this.#sayings.notWritten(error));
    const notBack = await this.#notBack();
    this.#parts.claim.release();
    if (notBack !== null) throw notBack as Error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.ledger[Symbol.asyncDispose]();
    }
  }

  /**
   * What keeps the executor from its anchor after a failure; null when it is on it. The knobs are asked once
   * more, unless another tuner has them by now. Whatever else failed was said, and is told to whoever waits
   * in `settled()`.
   */
  async #notBack(): Promise<unknown> {
    if (this.#failure === null || this.#parts.claim.isTaken()) return null;
    const { actuator, state } = this.#session;
    const isOfKnob = isSandtuneError(this.#failure) && this.#failure.code === 'ERR_SANDTUNE_KNOB';
    return actuator.settle(state.anchor).then(
      () => null,
      (error: unknown) => (isOfKnob ? this.#failure : error),
    );
  }

  async #run(): Promise<void> {
    let end = await this.#session.run();
    while (end.kind === 'handed over' && !this.#stopping) {
      try {
        this.#enter(this.#successorOf(end));
      } catch (error) {
        end = { kind: 'failed', error };
        break;
      }
      const running = this.#session.run();
      this.#sayWhatIsLost(end);
      this.#proposeAgain(end);
      end = await running;
    }
    if (end.kind === 'failed') this.#failure = end.error ?? new Error('something without a name failed');
    this.#over = true;
    // One that failed is of no use to anybody: whoever tunes next puts the knobs on the anchor.
    if (this.#failure === null) this.#parts.claim.ended();
    else this.#parts.claim.release();
    this.#sayings.ended(this.#failure, this.#session.history);
    this.#endProposals('the tuner has ended', this.#failure);
    this.#settledWaiters.wake(this.#failure);
    // A tuner that ends leaves the lease to the next, also when nobody stops it.
    const notLeft = await leaveLease(this.ledger);
    if (notLeft !== null) this.#sayings.leaseKept(notLeft);
  }

  #successorOf({ succession }: Extract<SessionEnd, { kind: 'handed over' }>): Started {
    const { starter } = this.#parts;
    const { ledger, state } = this.#session;
    const anchor = state.mayChange ? state.anchor : null;
    switch (succession.to) {
      case 'lease':
        return starter.follow(ledger, anchor, true);
      case 'observing':
        return starter.follow(ledger, anchor, false);
      case 'ledger':
        return starter.startAnew(anchor);
      case 'new ledger':
        return starter.replace(succession.error, anchor);
    }
  }

  #enter(started: Started): void {
    const before = this.#session.ledger;
    this.#session = this.#sessionOf(started);
    // What it could not take is lost with its file, and nobody waits for that.
    if (before !== started.ledger) Promise.resolve(before[Symbol.asyncDispose]()).catch(() => undefined);
  }

  #sessionOf(started: Started): SessionRun {
    const { starter, claim: _, ...parts } = this.#parts;
    return new SessionRun({
      ...parts,
      ...started,
      announcer: this.#announcer,
      onEntries: (entries) => this.#onEntries(entries),
      canOpen: () => starter.canOpen(),
    });
  }

  /** What the session before had not tried yet. */
  #proposeAgain({ queue }: Extract<SessionEnd, { kind: 'handed over' }>): void {
    try {
      for (const proposal of mayChange(this.#session.mode) ? queue : [])
        this.#session.interject({ kind: 'propose', atMs: this.#now(), proposal });
      if (!mayChange(this.#session.mode)) this.#endProposals('the tuner only observes now', null);
    } catch (error) {
      this.#endProposals('the tuner has failed', error);
    }
  }

  #endProposals(reason: string, cause: unknown): void {
    const { anchor: settings } = this.#session.state;
    this.#proposals.end(cause === null ? { settings, reason } : { settings, reason: messageOf(cause), cause });
  }

  /** Of a file that was set aside, and of one that could not be begun anew, the notes of the new session tell. */
  #sayWhatIsLost({ succession }: Extract<SessionEnd, { kind: 'handed over' }>): void {
    const { path, setAside } = this.ledger;
    if (succession.to !== 'new ledger' || setAside !== null || this.#session.awaits === 'ledger') return;
    this.#sayings.begunAnew(succession.error, path);
  }

  /** Listeners come last but for those who wait for quiet, because they may call the tuner. */
  #onEntries(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.kind === 'record') this.#proposals.onRecord(entry.record);
    this.#listeners.deliver(entries);
    for (const entry of entries) this.#obstacles.onEntry(entry);
    if (this.#session.isQuiet) this.#settledWaiters.wake(this.#failure);
  }

  #now(): number {
    return wallMs(this.#parts.clock);
  }
}
