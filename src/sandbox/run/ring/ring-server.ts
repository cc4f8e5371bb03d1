/**
 * The worker's side of the ring transport.
 *
 *   turn ─▶ frame after frame: claim ─▶ instance ─▶ call ─▶ answer, published at once ─▶ the bell, if it is time
 *    ▲                                     └─▶ has to be brought up: the event loop turns until it is there
 *    └── park: sleeps until the host rings ◀── microtasks of the guests ◀── no more frames
 */
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../../../foundation/clock.ts';
import { postable } from '../cloneable.ts';
import type { GuestCallable } from '../instance.ts';
import type { Instances } from '../instances.ts';
import { type Failure, shared, ticksOf, type WorkerSetup } from '../protocol.ts';
import { AnswerValues, smallAnswer } from './answer-values.ts';
import { frameError, RingReader, RingWriter } from './byte-ring.ts';
import { CallArguments } from './call-arguments.ts';
import { callState, swapClaim, wordOf } from './claim.ts';
import { type LentBytes, lentByFunction } from './lent-bytes.ts';
import { codecOf, type SignatureCodec } from './signature-codec.ts';
import { generationOfId, slotOfId } from './slots.ts';
import { sizeOf } from './values.ts';
import { WaitForCall } from './wait-for-call.ts';
import { WorkerBell } from './worker-bell.ts';
import {
  answer,
  answerKinds,
  leaveRing,
  onlyAnswer,
  progress,
  progressFloats,
  request,
  type ServeMessage,
  WorkerMemory,
} from './worker-memory.ts';

export { servesRing } from './worker-memory.ts';

export interface GuestHost {
  readonly instances: Instances;
  readonly functions: WorkerSetup['functions'];
  /** True for a guest that has its arguments no longer than its call takes. */
  lends(guest: number): boolean;
  /** Integers that hold for the whole sandbox. */
  readonly whole: Int32Array;
  failureOf(stage: Failure['stage'], guest: number, thrown: unknown, beganMs: number): Failure;
}

/** Calls after which microtasks have their turn though there are more frames. */
const mostInTurn = 256;
/** Calls between two counts of the bytes of the guests' memories. */
const countBytesEvery = 1024;

export class RingServer {
  readonly #host: GuestHost;
  readonly #memory: WorkerMemory;
  readonly #bell: WorkerBell;
  readonly #port: MessagePort;
  readonly #requests: RingReader;
  readonly #answers: RingWriter;
  readonly #arguments: CallArguments;
  readonly #values: AnswerValues;
  readonly #patience = new WaitForCall(systemClock);
  /** Function index → how long a call of it takes, ms. */
  readonly #expectedMs: Float64Array;
  /** Function index → where its guest is lent its arguments from, one for each guest; null where they are its own. */
  readonly #lends: readonly (LentBytes | null)[];
  /** Function index → how its values travel; null: with tags. */
  readonly #codecs: readonly (SignatureCodec | null)[];
  #beganMs = 0;
  #capacity = 0;
  #reserved = 0;
  #spinMs = 0;
  #callsSinceCount = 0;
  // Of the frame that is being served.
  #id = 0;
  #fn = 0;

  constructor(host: GuestHost, { memory, bell, port, regionBytes }: ServeMessage) {
    this.#host = host;
    this.#memory = new WorkerMemory(memory);
    this.#bell = new WorkerBell(bell);
    this.#port = port;
    this.#requests = new RingReader(this.#memory.requests);
    this.#answers = new RingWriter(this.#memory.answers);
    this.#arguments = new CallArguments(this.#memory, port);
    this.#values = new AnswerValues(this.#memory, this.#answers, port, regionBytes);
    this.#expectedMs = new Float64Array(host.functions.length);
    this.#lends = lentByFunction(host.functions, (guest) => host.lends(guest));
    this.#codecs = host.functions.map(([, , signature]) => (signature ? codecOf(signature) : null));
  }

  /** Serves what there is, and sleeps. Never returns to the event loop but for an instance that is brought up. */
  readonly turn = (): void => {
    this.#beganMs = systemClock.now();
    this.#prepare();
    for (let served = 0; served < mostInTurn; served++) {
      const at = this.#requests.next();
      if (at < 0) break;
      if (!this.#serve(at)) return;
    }
    this.#endTurn();
  };

  #endTurn(): void {
    if (this.#requests.isEmpty) this.#bell.ring();
    // Before it blocks its thread, what guests have put off to a microtask runs, and what they wrote leaves.
    if (process.stdout.writableLength > 0) process.stdout.write('', () => queueMicrotask(this.#park));
    else if (process.stderr.writableLength > 0) process.stderr.write('', () => queueMicrotask(this.#park));
    else queueMicrotask(this.#park);
  }

  readonly #park = (): void => {
    const words = this.#memory.progress;
    if (this.#requests.isEmpty && !this.#patience.finds(this.#requests, this.#spinMs)) {
      this.#arguments.forget();
      Atomics.store(words, progress.asleep, 1);
      // Looked at once more after the word was set: who writes a frame from now on sees the word.
      if (this.#requests.isEmpty) Atomics.wait(words, progress.asleep, 1);
      Atomics.store(words, progress.asleep, 0);
    }
    this.turn();
  };

  /** Reads what may have been changed since. */
  #prepare(): void {
    const { whole, instances } = this.#host;
    this.#capacity = Atomics.load(whole, shared.capacity);
    this.#reserved = Math.max(this.#capacity, Atomics.load(whole, shared.reserved));
    instances.evict(this.#reserved);
    this.#spinMs = (whole[shared.spinUs] as number) / 1000;
    this.#bell.coalesceMs = (whole[shared.coalesceUs] as number) / 1000;
    this.#memory.progress[progress.capacity] = this.#capacity;
  }

  /** @returns false when an instance has to be brought up first, after which the turn goes on */
  #serve(at: number): boolean {
    const { requests, progress: words, claims } = this.#memory;
    const { ints } = requests;
    const end = at + this.#requests.frameBytes;
    const id = ints[(at + request.id) >> 2] as number;
    const fn = ints[(at + request.fn) >> 2] as number;
    const argc = ints[(at + request.argc) >> 2] as number;
    if (id < 0 || end - at < request.values || fn < leaveRing || fn >= this.#expectedMs.length)
      throw frameError('a call', `function ${fn} in a frame of ${end - at} bytes`);
    this.#id = id;
    this.#fn = fn;
    this.#arguments.read(id, at + request.values, end, argc, this.#lends[fn] ?? null, this.#codecs[fn] ?? null);
    this.#requests.done();
    const slot = slotOfId(id);
    const generation = generationOfId(id);
    if (fn >= 0) this.#bell.before(this.#expectedMs[fn] as number);
    words[progress.entered] = 0;
    words[progress.startedTicks] = ticksOf(this.#beganMs);
    Atomics.store(words, progress.current, slot);
    if (!swapClaim(claims, slot, generation, callState.queued, callState.running)) {
      if (claims[slot] !== wordOf(generation, callState.taken))
        throw frameError('a call that waits', `the claim ${claims[slot]}`);
      this.#pass();
      return true;
    }
    if (fn === leaveRing) {
      this.#leave();
      return false;
    }
    if (fn === onlyAnswer) {
      this.#prepare();
      this.#finish(answerKinds.passed, 0, undefined);
      return true;
    }
    const [guest, local] = this.#host.functions[fn] as readonly [number, number];
    let ready: readonly GuestCallable[] | Promise<readonly GuestCallable[]>;
    try {
      ready = this.#host.instances.callables(guest, this.#capacity, this.#reserved);
    } catch (thrown) {
      this.#failedStart(guest, thrown);
      return true;
    }
    if (isFunctions(ready)) {
      this.#call(ready[local] as GuestCallable, guest);
      return true;
    }
    this.#awaitInstance(ready, guest, local);
    return false;
  }

  /** Answers, and gives the thread back to its event loop. */
  #leave(): void {
    this.#finish(answerKinds.passed, 0, undefined);
    this.#bell.ring();
    this.#port.close();
  }

  #awaitInstance(ready: Promise<readonly GuestCallable[]>, guest: number, local: number): void {
    // The answers that were published are not to wait for it.
    this.#bell.ring();
    ready.then(
      (callables) => {
        this.#call(callables[local] as GuestCallable, guest);
        this.turn();
      },
      (thrown: unknown) => {
        this.#failedStart(guest, thrown);
        this.turn();
      },
    );
  }

  #failedStart(guest: number, thrown: unknown): void {
    this.#fail('start', guest, thrown, systemClock.now() - this.#beganMs);
  }

  #call(callable: GuestCallable, guest: number): void {
    const { instances } = this.#host;
    const codec = this.#codecs[this.#fn] ?? null;
    const coldStartMs = instances.hit ? Number.NaN : systemClock.now() - this.#beganMs;
    if (!instances.hit) this.#callsSinceCount = countBytesEvery;
    this.#memory.progress[progress.entered] = 1;
    let value: unknown;
    let stage: Failure['stage'] = 'execute';
    try {
      value = this.#arguments.call(callable);
      stage = 'return';
      if (codec === null && sizeOf(value) < 0) value = postable(value);
    } catch (thrown) {
      this.#fail(stage, guest, thrown, coldStartMs);
      return;
    }
    const values = this.#values;
    values.write(this.#id, value, codec);
    this.#publish(values.at, values.frameBytes, values.kind, coldStartMs);
  }

  #fail(stage: Failure['stage'], guest: number, thrown: unknown, coldStartMs: number): void {
    const failure = this.#host.failureOf(stage, guest, thrown, this.#beganMs);
    this.#host.instances.destroy(guest);
    this.#finish(answerKinds.portFailure, coldStartMs, failure);
  }

  #finish(kind: number, coldStartMs: number, failure: Failure | undefined): void {
    if (failure) this.#port.postMessage([this.#id, failure]);
    const at = smallAnswer(this.#answers);
    this.#publish(at, answer.value, kind, coldStartMs);
  }

  /** The frame is written but for its header; nothing of it is seen when the call was condemned meanwhile. */
  #publish(at: number, frameBytes: number, kind: number, coldStartMs: number): void {
    const endedMs = systemClock.now();
    const id = this.#id;
    this.#writeHeader(at, kind, endedMs, coldStartMs);
    if (!swapClaim(this.#memory.claims, slotOfId(id), generationOfId(id), callState.running, callState.done)) {
      // This worker is about to be ended: do nothing more that anyone could see.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    if (++this.#callsSinceCount >= countBytesEvery) {
      this.#callsSinceCount = 0;
      this.#memory.progressFloats[progressFloats.guestBytes] = this.#host.instances.guestBytes();
    }
    this.#answers.publish(frameBytes);
    this.#learn(endedMs - this.#beganMs);
    this.#beganMs = endedMs;
    this.#bell.published(endedMs, this.#requests);
    this.#arguments.takeBack();
  }

  /** The host has taken the call back: it is told that its slot is free. */
  #pass(): void {
    const at = smallAnswer(this.#answers);
    this.#writeHeader(at, answerKinds.passed, this.#beganMs, Number.NaN);
    this.#answers.publish(answer.value);
    this.#bell.published(this.#beganMs, this.#requests);
    this.#arguments.takeBack();
  }

  #writeHeader(at: number, kind: number, endedMs: number, coldStartMs: number): void {
    const { ints, floats } = this.#memory.answers;
    ints[(at + answer.id) >> 2] = this.#id;
    ints[(at + answer.kind) >> 2] = kind;
    ints[(at + answer.rank) >> 2] = this.#host.instances.rank;
    floats[(at + answer.beganMs) >> 3] = this.#beganMs;
    floats[(at + answer.endedMs) >> 3] = endedMs;
    floats[(at + answer.coldStartMs) >> 3] = coldStartMs;
  }

  #learn(ms: number): void {
    const fn = this.#fn;
    if (fn >= 0) this.#expectedMs[fn] = (this.#expectedMs[fn] as number) * 0.875 + ms * 0.125;
  }
}

/** Cheaper than to ask whether it is a promise. */
function isFunctions(ready: readonly GuestCallable[] | Promise<unknown>): ready is readonly GuestCallable[] {
  return Array.isArray(ready);
}
