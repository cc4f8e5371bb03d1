/**
 * One session, from its first event to its end. It carries out what `transition` asks for, and gives it
 * the outcome as the next event.
 *
 *   event ──▶ stepper: transition ──▶ ledger ──▶ what is next ──▶ (on disk?) ──▶ actuator ──▶ event …
 *
 * It waits for the disk before it carries out an intent that leaves the anchor, and for nothing else. It
 * has one mode for its whole life, replays by itself, and ends on the anchor. Its tuner
 * (running-tuner.ts) hears of every entry, and may let another session follow.
 */
import { wallMs } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import type { Entry, Remark, SessionEntry, TunerEvent } from '../entries/entries.ts';
import { extendSession, type SessionHistory, sessionBegun } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import { isComparing, type State } from '../loop/state.ts';
import { type Mode, mayChange } from '../options.ts';
import { Actuator } from './actuator.ts';
import { AnchorWatch } from './anchor-watch.ts';
import { putsInForce } from './intents.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { OverheadCheck } from './overhead.ts';
import { isGranted, OwnLease } from './own-lease.ts';
import { OwnTurn } from './own-turn.ts';
import { Sayings } from './sayings.ts';
import type { OpenedSession } from './session.ts';
import type { SessionEnd, Succession } from './session-end.ts';
import type { SessionParts } from './session-parts.ts';
import { isEnding, Stepper } from './stepper.ts';
import { TrialSpans } from './trial-spans.ts';
import { Upkeep } from './upkeep.ts';
import type { Say } from './warn.ts';

export class SessionRun {
  readonly ledger: TunerLedger;
  readonly entry: SessionEntry;
  readonly mode: Mode;
  readonly awaits: OpenedSession['awaits'];
  readonly #parts: SessionParts;
  readonly #stepper: Stepper;
  readonly actuator: Actuator;
  readonly #spans: TrialSpans;
  readonly #sayings: Sayings;
  readonly #overhead: OverheadCheck;
  readonly #lease: OwnLease | null;
  readonly #ownTurn: OwnTurn;
  readonly #ledgerWatch: LedgerWatch;
  /** null in a session that does not follow the holder of the lease. */
  readonly #anchorWatch: AnchorWatch | null;
  #history: SessionHistory;
  #interrupt = new AbortController();
  #outcome: SessionEnd = { kind: 'over' };

  constructor(parts: SessionParts) {
    const { executor, ledger, session, clock, timers, announcer } = parts;
    this.#parts = parts;
    this.ledger = ledger;
    this.entry = session.entry;
    this.mode = session.mode;
    this.awaits = session.awaits;
    this.#stepper = new Stepper(session.entry, executor, ledger, clock);
    const say: Say = (code, text) => announcer.say(code, text);
    const cpus = { atStart: session.entry.environment.cores, read: parts.cpus };
    this.actuator = new Actuator(executor, clock, timers, this.state.mayChange, say, cpus);
    this.#spans = new TrialSpans(clock, executor.name);
    this.#sayings = new Sayings(announcer, executor.name);
    this.#overhead = new OverheadCheck(executor, session.entry, timers, say);
    this.#history = sessionBegun(session.entry);
    this.#lease = mayChange(this.mode) ? new OwnLease(ledger, clock) : null;
    this.#ownTurn = new OwnTurn(parts.turns, executor.name, clock);
    this.#ledgerWatch = new LedgerWatch({
      ledger,
      clock,
      timers,
      holdsLease: this.#lease !== null,
      onUnwritable: (error) => this.#onLedger(false, messageOf(error)),
      onWritable: () => this.#onLedger(true, 'the ledger is written again'),
      onGone: (error) => this.#handOver({ to: 'new ledger', error }, error.message),
      onLost: () => this.#onLost(),
    });
    this.#anchorWatch = AnchorWatch.of(this.entry, {
      ledger,
      timers,
      announcer,
      onAnchor: (settings) => this.#tell({ kind: 'anchor', atMs: this.#now(), settings }),
      onTrouble: (error) => this.#ledgerWatch.trouble(error),
    });
  }

  get state(): State {
    return this.#stepper.state;
  }

  get history(): SessionHistory {
    return this.#history;
  }

  /** False once the session returns to its anchor for good, or has failed. */
  get isOpen(): boolean {
    return this.#isRunning() && !isEnding(this.state);
  }

  /** Nothing is worth trying for now, and what measuring costs was measured. */
  get isQuiet(): boolean {
    const { phase, queue } = this.state;
    if (this.#overhead.isOwed) return false;
    return phase.kind === 'watching' || phase.kind === 'following' || (phase.kind === 'resting' && queue.length === 0);
  }

  /** Runs the session; to be called once. Never rejects. */
  async run(): Promise<SessionEnd> {
    try {
      this.#tellOfStart();
      if (this.mode !== 'off') await this.#loop();
    } catch (error) {
      this.#fail(error);
    }
    this.#anchorWatch?.end();
    this.#ledgerWatch.end();
    this.#ownTurn.leave();
    if (this.#outcome.kind === 'failed') await this.#endFailed(messageOf(this.#outcome.error));
    return this.#outcome;
  }

  /** Handles an event from outside, which may replace the action that is being carried out. */
  interject(event: TunerEvent): void {
    const doing = this.#stepper.next;
    this.#advance(event);
    if (this.#stepper.next !== doing) this.#interrupt.abort();
  }

  /** Handles an event that ends the session, which ends even if the event cannot be appended to the ledger. */
  end(event: Extract<TunerEvent, { kind: 'stop' | 'off' | 'end' }>): void {
    this.#tell(event);
  }

  remark(remark: Remark): void {
    const entry: Entry = { kind: 'remark', session: this.entry.session, remark };
    this.ledger.append([entry]);
    this.#history = extendSession(this.#history, entry);
    this.#parts.onEntries([entry]);
  }

  #tellOfStart(): void {
    const { announcer, onEntries, session } = this.#parts;
    onEntries([this.entry]);
    for (const note of session.notes) announcer.note(note);
  }

  async #loop(): Promise<void> {
    // Whoever heard of its start may have ended it already.
    if (this.isOpen) this.#advance({ kind: 'begin', atMs: this.#now() });
    const upkeep = this.#upkeep();
    try {
      await this.#anchorWatch?.begin();
      while (this.#isRunning() && this.#stepper.next.kind !== 'end') {
        await this.#turn();
        upkeep.betweenWindows();
      }
    } finally {
      upkeep.stop();
    }
  }

  /** Carries out the next action. */
  async #turn(): Promise<void> {
    const action = this.#stepper.next;
    const { signal } = (this.#interrupt = new AbortController());
    // The outcome of an action that another one replaced meanwhile is ignored.
    const isOvertaken = () => this.#stepper.next !== action || this.#outcome.kind === 'failed';
    await this.#measureOverhead(signal);
    if (isOvertaken()) return;
    if (this.#stepper.mustBeDurable) {
      if (await this.#ledgerWatch.durable(signal)) this.#stepper.wasDurable();
      if (isOvertaken()) return;
    }
    if (putsInForce(action, this.state.anchor)) {
      const held = await this.#isHeld(signal);
      if (!held || isOvertaken()) return;
    }
    const event = await this.actuator.carryOut(action, signal);
    if (event === null || isOvertaken()) return;
    this.#advance(this.#ownTurn.onto(event, this.state));
    if (event.kind === 'failed' && this.state.phase.kind === 'ended')
      throw new SandtuneError('ERR_SANDTUNE_KNOB', `the tuner could not return to the anchor: ${event.message}`);
  }

  /** Whether nobody else tunes. Where that cannot be found out, the same action is tried again, or another by then. */
  async #isHeld(signal: AbortSignal): Promise<boolean> {
    const onTrouble = (error: unknown) => this.#ledgerWatch.trouble(error);
    const told = { timers: this.#parts.timers, onLost: () => this.#onLost(), onTrouble };
    return this.#lease === null || this.#lease.isHeld(signal, told);
  }

  /** Handles one event, which may change the next action. Whoever hears of it comes last, because it may call the session. */
  #advance(event: TunerEvent): void {
    const { records, entries, unpatched } = this.#stepper.step(event);
    this.#history = entries.reduce(extendSession, this.#history);
    for (const record of records) this.#overhead.onRecord(record);
    this.#spans.update(this.history);
    this.#ownTurn.follow(this.state, this.#stepper.next);
    this.#parts.onEntries(entries);
    this.#anchorWatch?.say(records);
    this.#sayings.limits(records);
    for (const text of unpatched) this.#parts.announcer.say('SANDTUNE_KNOB', text);
  }

  #upkeep(): Upkeep {
    const { clock, timers, announcer, canOpen } = this.#parts;
    const { awaits } = this;
    return new Upkeep({
      ledger: this.ledger,
      clock,
      timers,
      announcer,
      lease: this.#lease,
      seek: awaits === 'lease' ? () => isGranted(this.ledger, clock) : awaits === 'ledger' ? canOpen : null,
      mayPrune: () => !isComparing(this.state),
      onOff: () => this.end({ kind: 'off', atMs: this.#now(), reason: 'switched off in the ledger' }),
      onLost: () => this.#onLost(),
      onFound: () => this.#onFound(awaits === 'ledger' ? 'ledger' : 'lease'),
      onTrouble: (error) => this.#ledgerWatch.trouble(error),
    });
  }

  /** Tells the session, if it is open, what came from outside. */
  #tell(event: TunerEvent): void {
    if (!this.isOpen) return;
    try {
      this.interject(event);
    } catch (error) {
      this.#fail(error);
      this.#interrupt.abort();
    }
  }

  #onFound(to: 'lease' | 'ledger'): void {
    if (this.isOpen) {
      const reason = to === 'lease' ? 'nobody else tunes from this folder any more' : 'a ledger can be opened again';
      this.#handOver({ to }, reason);
    } else this.ledger.release().catch(() => undefined);
  }

  #onLost(): void {
    this.#handOver({ to: 'observing' }, 'another process has taken over the lease');
  }

  /** Ends the session on its anchor, for another one that follows. */
  #handOver(succession: Succession, reason: string): void {
    if (!this.isOpen) return;
    this.#outcome = { kind: 'handed over', succession, queue: this.state.queue };
    this.end({ kind: 'end', atMs: this.#now(), why: 'handed over', reason });
  }

  /** Says that the ledger cannot be written, or is again. What that means for a trial is for `transition` to say. */
  #onLedger(writable: boolean, reason: string): void {
    const tunes = this.#lease !== null;
    if (writable) this.#sayings.writtenAgain(tunes);
    else this.#sayings.unwritable(reason, tunes);
    if (this.state.mayChange) this.#tell({ kind: 'ledger', atMs: this.#now(), writable, reason });
    if (writable) this.#anchorWatch?.tellAgain();
  }

  #fail(error: unknown): void {
    if (this.#outcome.kind !== 'failed') this.#outcome = { kind: 'failed', error };
  }

  /** Goes back to the anchor after a failure, and records that if it can: the failure is what is reported. */
  async #endFailed(reason: string): Promise<void> {
    try {
      const { phase, anchor } = this.state;
      if (phase.kind !== 'ended' && phase.kind !== 'ending')
        this.#advance({ kind: 'end', atMs: this.#now(), why: 'failed', reason });
      await this.actuator.settle(anchor);
      if (this.state.phase.kind === 'ending') this.#advance({ kind: 'done', atMs: this.#now() });
    } catch {
      await this.actuator.settle(this.state.anchor).catch(() => undefined);
    }
  }

  async #measureOverhead(signal: AbortSignal): Promise<void> {
    const remark = isEnding(this.state) ? null : await this.#overhead.run(signal);
    if (remark) this.remark(remark);
  }

  #now(): number {
    return wallMs(this.#parts.clock);
  }

  #isRunning(): boolean {
    return this.mode !== 'off' && this.#outcome.kind !== 'failed' && this.state.phase.kind !== 'ended';
  }
}
