/**
 * The host's side of the ring transport, of all workers of a pool (worker-memory.ts has the whole of it).
 *
 *   send ─▶ link.write ─▶ ring … worker … ring ─▶ read ─▶ the queue sends the next ─▶ the call settles
 *                                                 ▲
 *                                    AnswerLoop ──┘ when to look, and the tick of the calls that run
 *
 * How long a call of a function takes is learnt from its answers; where it goes is told by that (routing.ts).
 */
import { MessageChannel } from 'node:worker_threads';
import { bytesOf } from '../../../foundation/bytes.ts';
import { asMicrotask } from '../../../foundation/turns.ts';
import { Execution } from '../../../measure/call.ts';
import type { GuestCall } from '../call.ts';
import { failureError } from '../call-errors.ts';
import type { Failure } from '../protocol.ts';
import type { Transport, TransportHost } from '../transport.ts';
import { causeOf, type WorkerUnit } from '../worker-unit.ts';
import { AnswerLoop } from './answer-loop.ts';
import { ExpectedTimes, readExecution } from './answer-times.ts';
import { frameError } from './byte-ring.ts';
import { recoverAll } from './lost-calls.ts';
import { lookAtRunning } from './overdue.ts';
import { RingLink } from './ring-link.ts';
import type { RingTransportOptions } from './ring-options.ts';
import { chooseUnit, nextStickyMs, stickyMs } from './routing.ts';
import { valueBySignature } from './signature-codec.ts';
import { slotOfId } from './slots.ts';
import { Stealing } from './stealing.ts';
import { nowhere } from './values.ts';
import { answer, answerKinds, progress, type ServeMessage, servesRing } from './worker-memory.ts';

/** Answers that one reading of the clock serves, unless one of them ended after it. */
const answersAMoment = 16;
/** What a call is taken for before its function has answered once. */
const unknownMs = stickyMs;

export class RingTransport implements Transport {
  readonly #options: RingTransportOptions;
  readonly #host: TransportHost;
  readonly #loop: AnswerLoop;
  readonly #expected: ExpectedTimes;
  readonly #stealing: Stealing;
  /** How the call that is being settled ran; filled in anew for each. */
  readonly #ran = new Execution();
  /** Units with calls out. */
  #busy = 0;
  #isClosed = false;

  constructor(options: RingTransportOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#expected = new ExpectedTimes(options.functionCount, unknownMs);
    const { settings } = options;
    const stealing = new Stealing(
      this.#host,
      () => settings.depth,
      (unit, call) => this.sendOne(unit, call, Number.NaN),
    );
    this.#stealing = stealing;
    const rings = {
      read: () => this.#readAll(),
      isQuiet: () =>
        this.#host.units().every((unit) => !unit.isBusy || unit.link === null || unit.link.answers.isEmpty),
      isBusy: () => this.#busy > 0,
      tick: () => lookAtRunning(this.#host, stealing),
    };
    this.#loop = new AnswerLoop(rings, this.#host, () => settings.spinUs / 1000);
  }

  begin(unit: WorkerUnit): void {
    if (unit.link !== null) return;
    const { port1, port2 } = new MessageChannel();
    const { regionBytes } = this.#options;
    const link = new RingLink(port1, regionBytes);
    unit.link = link;
    const message: ServeMessage = {
      kind: 'serve-ring',
      memory: link.memory.shared,
      bell: this.#loop.bell,
      port: port2,
      regionBytes,
    };
    this.#options.sendMessage(unit, message, port2).then(
      (got) => {
        if (got !== servesRing) this.#damaged(unit, new Error('its worker did not answer with results'));
      },
      (error: unknown) => this.#damaged(unit, error),
    );
  }

  // ------------------------------------------------------------ where a call goes

  get held(): number {
    let held = 0;
    for (const { link } of this.#host.units()) if (link !== null) held += Math.max(0, link.callCount - 1);
    return held;
  }

  choose(units: readonly WorkerUnit[], limit: number, alone: boolean, isShared = false): WorkerUnit | undefined {
    const { maxWaiting, settings } = this.#options;
    const mayHold = !alone && (maxWaiting === Number.POSITIVE_INFINITY || this.held < maxWaiting);
    return chooseUnit(units, { limit, mayHold, holds: isShared ? 'little' : 'usual', depth: settings.depth });
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    for (let i = 0; i < calls.length; i++) this.sendOne(unit, calls[i] as GuestCall, Number.NaN);
  }

  sendOne(unit: WorkerUnit, call: GuestCall, atMs: number): void {
    const link = unit.link as RingLink;
    call.dispatchedAt(Number.isNaN(atMs) ? this.#now() : atMs);
    try {
      link.write(call, this.#expected.of(call.plan.id), this.#loop.looksSoon);
    } catch (error) {
      if (call.heldBy === link) this.#damaged(unit, error);
      else this.#refused(call, error);
    }
    this.#written(unit, link);
  }

  /** Something was written for the unit: its answer is looked for. */
  #written(unit: WorkerUnit, link: RingLink): void {
    if (link.slots.usedCount === 0) return;
    if (!unit.isBusy) {
      unit.busySinceMs = this.#now();
      this.#busy++;
    }
    this.#loop.sent();
  }

  /** Told later, since who sends is not yet done with its own books. */
  #refused(call: GuestCall, cause: unknown): void {
    asMicrotask(() => {
      this.#host.failures.refused(call, cause);
      this.#host.queue.returned(call);
    });
  }

  confirm(unit: WorkerUnit): void {
    const link = unit.link as RingLink;
    link.writeQuestion();
    this.#written(unit, link);
  }

  /** The unit is to serve no more once it has answered what it has. */
  leave(unit: WorkerUnit): void {
    const link = unit.link as RingLink;
    unit.isLeaving = true;
    link.writeLeave();
    this.#written(unit, link);
  }

  takeBack(call: GuestCall): boolean {
    if (!(call.heldBy instanceof RingLink && call.heldBy.takeBack(call.heldAs, false))) return false;
    this.#host.queue.left(call);
    return true;
  }

  abandoned(call: GuestCall): void {
    // One that runs is looked at by the tick, which goes on while it is out.
    if (!this.takeBack(call)) call.abandonedMs = this.#host.clock.now();
  }

  /** Now; while answers are read, when the one that is being read was taken up. */
  #now(): number {
    const { answeredMs } = this.#ran;
    return Number.isNaN(answeredMs) ? this.#host.clock.now() : answeredMs;
  }

  // ------------------------------------------------------------ answers

  #readAll(): boolean {
    let answers = 0;
    const units = this.#host.units();
    flush(units);
    for (let i = 0; i < units.length; i++) {
      const unit = units[i] as WorkerUnit;
      if (unit.isBusy && unit.link !== null) answers += this.#read(unit, unit.link);
    }
    flush(units);
    return answers > 0;
  }

  /** @returns how many answers there were */
  #read(unit: WorkerUnit, link: RingLink): number {
    const ran = this.#ran;
    const held = link.slots.usedCount;
    let count = 0;
    try {
      for (let at = link.answers.next(); at >= 0; at = link.answers.next()) {
        if (count++ % answersAMoment === 0) ran.answeredMs = this.#host.clock.now();
        this.#answer(unit, link, at);
      }
    } catch (error) {
      this.#damaged(unit, error);
    }
    if (count === 0) return 0;
    link.stickyMs = nextStickyMs(link.stickyMs, count >= held);
    unit.capacity = Atomics.load(link.memory.progress, progress.capacity);
    if (link.slots.usedCount === 0) this.#idle(unit);
    ran.answeredMs = Number.NaN;
    this.#host.back(unit, null, false);
    if (unit.isIdle && this.#busy > 0) this.#stealing.helps(unit);
    return count;
  }

  #idle(unit: WorkerUnit): void {
    if (!unit.isBusy) return;
    this.#busy--;
    unit.pastBusyMs += this.#now() - unit.busySinceMs;
    unit.busySinceMs = Number.NaN;
  }

  #answer(unit: WorkerUnit, link: RingLink, at: number): void {
    const { ints } = link.memory.answers;
    const { answers, slots } = link;
    const end = at + answers.frameBytes;
    const id = ints[(at + answer.id) >> 2] as number;
    const kind = ints[(at + answer.kind) >> 2] as number;
    if (end - at < answer.value || !slots.has(id)) throw frameError('the answer of a call that is out', `id ${id}`);
    const call = slots.contents[slotOfId(id)] ?? null;
    if ((kind === answerKinds.passed) !== (call === null)) throw frameError('an answer of its kind', `kind ${kind}`);
    if (call === null) {
      answers.done();
      const hasLeft = link.isLeave(id);
      if (link.release(id)) this.#host.queue.returned(null);
      if (hasLeft) this.#left(unit, link);
      return;
    }
    const ran = this.#ran;
    readExecution(ran, link.memory.answers, at);
    if (ran.endedMs > ran.answeredMs) ran.answeredMs = this.#host.clock.now();
    // What is made of the frame is made before the call leaves its slot: where it makes no sense the call is recovered.
    link.values.place = call.settled ? nowhere : call.place;
    const value = this.#valueOf(link, call, kind, at, end);
    const isFailure = kind === answerKinds.portFailure;
    const error = isFailure ? failureError(call.plan.name, value as Failure) : undefined;
    answers.done();
    link.isStuck = false;
    this.#expected.learn(call.plan.id, ran);
    const { books, queue } = this.#host;
    books.counters.bytesIn += link.bytesInOf(id);
    link.release(id);
    // The next call is sent before this one settles.
    queue.returned(call);
    if (isFailure) {
      ran.bytesOut = 0;
      if ((value as Failure).refused) books.counters.violations++;
      call.failed('trap', error, ran);
    } else {
      ran.bytesOut = typeof value === 'number' || call.settled ? 0 : bytesOf(value);
      call.returned(value, ran);
    }
  }

  /** Calls go to it as messages from now on. */
  #left(unit: WorkerUnit, link: RingLink): void {
    link.close();
    unit.link = null;
    unit.isLeaving = false;
  }

  #valueOf(link: RingLink, { plan, heldAs }: GuestCall, kind: number, at: number, end: number): unknown {
    if (kind === answerKinds.bySignature)
      return valueBySignature(plan.codec, link.memory.answers, at + answer.value, end);
    if (kind === answerKinds.value) {
      link.values.at = at + answer.value;
      return link.values.read(end);
    }
    if (kind !== answerKinds.portValue && kind !== answerKinds.portFailure)
      throw frameError('an answer of a known kind', `kind ${kind}`);
    return link.received(heldAs);
  }

  // ------------------------------------------------------------ workers that end

  /** What is in the memory of a worker makes no sense, or it never served: it is ended, and its calls are recovered. */
  #damaged(unit: WorkerUnit, error: unknown): void {
    unit.fault ??= error;
    this.#host.end(unit);
  }

  gone(unit: WorkerUnit): void {
    const { link } = unit;
    if (link === null) return;
    if (!this.#isClosed) this.#read(unit, link);
    link.close();
    if (link.slots.usedCount === 0) return;
    this.#idle(unit);
    recoverAll(link, this.#host, causeOf(unit));
  }

  close(): void {
    this.#isClosed = true;
    this.#loop.close();
  }
}

/** The workers see what was written for them and held back. */
function flush(units: readonly WorkerUnit[]): void {
  for (let i = 0; i < units.length; i++) (units[i] as WorkerUnit).link?.flush();
}
