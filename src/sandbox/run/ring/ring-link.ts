/**
 * The host's side of one worker's memory: writes calls into it, finds the call of an answer, takes calls
 * back. One object a worker that serves; it knows nothing of other workers, of time or of how calls settle.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { bytesOf } from '../../../foundation/bytes.ts';
import type { GuestCall } from '../call.ts';
import { sendable } from '../cloneable.ts';
import { giveRegions, holdRegion, writeArgument } from './argument-regions.ts';
import { frameError, RingReader, RingWriter } from './byte-ring.ts';
import { callState, stateOf, swapClaim, wordOf } from './claim.ts';
import { leastRegionBytes, RegionReader, RegionWriter } from './regions.ts';
import type { SignatureCodec } from './signature-codec.ts';
import { generationOfId, Slots, slotCount, slotOfId } from './slots.ts';
import { regionValueBytes, sizeOf, ValueReader, writeValue } from './values.ts';
import {
  byPort,
  bySignature,
  leaveRing,
  mostFrameBytes,
  onlyAnswer,
  progress,
  request,
  spareBytes,
  WorkerMemory,
} from './worker-memory.ts';

/** Arguments while they are measured and written; those of a call made meanwhile, by code that reading one ran, are kept apart. */
const scratch: unknown[] = [];
let isReading = false;

/**
 * What is written together is published together: that the worker looks at the word which says so costs the host more
 * than all else it does for a call. So much work of calls, ms, and so many of them may be held back until the host looks
 * for answers next: while the worker has others, it loses no more than that.
 */
const mostHeldBackMs = 0.01;
const mostHeldBack = 16;

export class RingLink {
  readonly memory = new WorkerMemory();
  readonly slots = new Slots<GuestCall>();
  readonly answers: RingReader;
  readonly values: ValueReader;
  readonly #port: MessagePort;
  readonly #requests: RingWriter;
  readonly #regions: RegionWriter;
  /** Of each slot: how long its call was expected to take, ms; bytes of its arguments. */
  readonly #expectedMs = new Float64Array(slotCount);
  readonly #bytesIn = new Float64Array(slotCount);
  /** Of each slot: 1 while the queue has to be told when the answer is there, for the call is a dispatch of its own. */
  readonly #isDispatch = new Uint8Array(slotCount);
  /** Calls that its worker runs or will run: a slot whose call was taken back is out until that is passed over. */
  callCount = 0;
  /** Bytes of the arguments of all calls that are out. */
  heldBytes = 0;
  /** True while it has a call that travels alone. */
  isForOne = false;
  /** True while its worker runs a call that is slow: it is given no others. */
  isStuck = false;
  /** While it has less work than this, ms, no other worker is woken (routing.ts). */
  stickyMs = 0;
  /** Expected time of all calls that are out, ms. */
  backlogMs = 0;
  /** Frames that the worker cannot see yet, and what their calls are expected to take, ms. */
  #heldBack = 0;
  #heldBackMs = 0;
  #leaveId = -1;

  /** @param regionBytes most bytes of its regions for arguments */
  constructor(port: MessagePort, regionBytes: number) {
    const { memory } = this;
    this.#port = port;
    this.#requests = new RingWriter(memory.requests);
    this.#regions = new RegionWriter(memory.argumentRegions, port, regionBytes);
    this.answers = new RingReader(memory.answers);
    this.values = new ValueReader(memory.answers, new RegionReader(memory.resultRegions, port));
  }

  /**
   * Writes the call for the worker to see. There must be a slot free.
   * @param expectedMs how long it will take
   * @param mayHold true where `flush()` is sure to be called before this thread does much else
   * @throws what kept its arguments from being read or cloned, with nothing sent
   * @throws {SandtuneError} when the ring is damaged; the call then has its slot, and waits for the end of the worker
   */
  write(call: GuestCall, expectedMs: number, mayHold: boolean): void {
    const { args, plan } = call;
    if (plan.codec !== null && this.#writeBySignature(call, plan.codec, expectedMs, mayHold)) return;
    const wasReading = isReading;
    const values = wasReading ? [] : scratch;
    isReading = true;
    const argc = args.length;
    let frameBytes: number = request.values;
    let bytesIn = 0;
    let inRegions = 0;
    try {
      for (let i = 0; i < argc; i++) {
        const value = args[i];
        values[i] = value;
        if (typeof value === 'number') {
          frameBytes += 16;
          continue;
        }
        const bytes = bytesOf(value);
        bytesIn += bytes;
        const held = bytes >= leastRegionBytes ? holdRegion(this.#regions, value) : null;
        if (held !== null) {
          values[i] = held;
          inRegions++;
          frameBytes += regionValueBytes;
          continue;
        }
        const size = sizeOf(value);
        frameBytes = size < 0 ? Number.POSITIVE_INFINITY : frameBytes + size;
      }
      const at = frameBytes <= mostFrameBytes ? this.#requests.place(frameBytes, spareBytes) : -1;
      if (at < 0) {
        if (inRegions > 0) giveRegions(this.#regions, values, argc);
        inRegions = 0;
        this.#post(call, values.slice(0, argc), expectedMs, bytesIn);
        return;
      }
      const { requests } = this.memory;
      let next = at + request.values;
      if (inRegions === 0) for (let i = 0; i < argc; i++) next = writeValue(requests, next, values[i]);
      else for (let i = 0; i < argc; i++) next = writeArgument(requests, this.#regions, next, values[i]);
      inRegions = 0;
      // Its slot is taken last: what throws before that has left nothing behind.
      this.#writeHeader(at, this.#put(call, expectedMs, bytesIn), plan.id, argc);
      this.#written(frameBytes, expectedMs, mayHold);
    } finally {
      if (inRegions > 0) giveRegions(this.#regions, values, argc);
      isReading = wasReading;
      // What a call was given is not kept beyond it.
      for (let i = 0; i < argc; i++) values[i] = undefined;
    }
  }

  /** @returns false where its arguments find no room, and are to go by the port */
  #writeBySignature(call: GuestCall, codec: SignatureCodec, expectedMs: number, mayHold: boolean): boolean {
    const frameBytes = request.values + codec.argumentBytes;
    const at = this.#requests.place(frameBytes, spareBytes);
    if (at < 0) return false;
    codec.writeArguments(this.memory.requests, at + request.values, call.args);
    this.#writeHeader(at, this.#put(call, expectedMs, 0), call.plan.id, bySignature);
    this.#written(frameBytes, expectedMs, mayHold);
    return true;
  }

  #writeHeader(at: number, id: number, fn: number, argc: number): void {
    const { ints } = this.memory.requests;
    ints[(at + request.id) >> 2] = id;
    ints[(at + request.fn) >> 2] = fn;
    ints[(at + request.argc) >> 2] = argc;
  }

  #written(frameBytes: number, expectedMs: number, mayHold: boolean): void {
    if (mayHold && this.#holds(expectedMs)) this.#requests.written(frameBytes);
    else this.#publish(frameBytes);
  }

  /** Has the worker answer, and do nothing else. */
  writeQuestion(): void {
    const id = this.slots.put(null as never);
    if (id < 0) return;
    this.#queued(id);
    this.#writeSmall(id, onlyAnswer, 0);
  }

  /** Has the worker serve no more once it has answered all before this. */
  writeLeave(): void {
    this.#leaveId = this.slots.put(null as never);
    this.#queued(this.#leaveId);
    this.#writeSmall(this.#leaveId, leaveRing, 0);
  }

  /** True for the answer after which the worker serves no more. */
  isLeave(id: number): boolean {
    return id === this.#leaveId;
  }

  #post(call: GuestCall, values: readonly unknown[], expectedMs: number, bytesIn: number): void {
    const id = this.#put(call, expectedMs, bytesIn);
    try {
      this.#port.postMessage([id, values.map(sendable)]);
    } catch (error) {
      this.release(id);
      throw error;
    }
    this.#writeSmall(id, call.plan.id, byPort);
  }

  #writeSmall(id: number, fn: number, argc: number): void {
    const at = this.#requests.place(request.values, 0);
    if (at < 0) throw frameError('room for a small frame', 'a full ring');
    this.#writeHeader(at, id, fn, argc);
    this.#publish(request.values);
  }

  /** Before its arguments are cloned, by which code may run that takes the call back. */
  #queued(id: number): void {
    this.memory.claims[slotOfId(id)] = wordOf(generationOfId(id), callState.queued);
  }

  #put(call: GuestCall, expectedMs: number, bytesIn: number): number {
    const id = this.slots.put(call);
    const slot = slotOfId(id);
    this.#queued(id);
    this.#expectedMs[slot] = expectedMs;
    this.#bytesIn[slot] = bytesIn;
    this.#isDispatch[slot] = 1;
    this.callCount++;
    this.backlogMs += expectedMs;
    this.heldBytes += bytesIn;
    this.isForOne = call.retried;
    call.heldBy = this;
    call.heldAs = id;
    return id;
  }

  /** True where the worker has calls enough to see this one a little later, which is then counted as held back. */
  #holds(expectedMs: number): boolean {
    const heldMs = this.#heldBackMs + expectedMs;
    if (this.slots.usedCount <= this.#heldBack + 1 || this.#heldBack >= mostHeldBack || heldMs > mostHeldBackMs)
      return false;
    this.#heldBack++;
    this.#heldBackMs = heldMs;
    return true;
  }

  /** The worker sees what was held back. O(1). */
  flush(): void {
    if (this.#heldBack > 0) this.#publish(0);
  }

  #publish(frameBytes: number): void {
    this.#heldBack = 0;
    this.#heldBackMs = 0;
    this.#requests.publish(frameBytes);
    const words = this.memory.progress;
    if (Atomics.load(words, progress.asleep) === 0) return;
    if (Atomics.compareExchange(words, progress.asleep, 1, 0) === 1) Atomics.notify(words, progress.asleep);
  }

  /** True when the worker has not begun the call and never will. @param stays true when the call remains the same dispatch, on another worker */
  takeBack(id: number, stays: boolean): boolean {
    const slot = slotOfId(id);
    const call = this.slots.contents[slot];
    if (!call || !swapClaim(this.memory.claims, slot, generationOfId(id), callState.queued, callState.taken))
      return false;
    this.slots.contents[slot] = null;
    this.callCount--;
    call.heldBy = null;
    if (stays) this.#isDispatch[slot] = 0;
    return true;
  }

  /** How long the call of a slot was expected to take when it was sent, ms. */
  expectedMsOf(slot: number): number {
    return this.#expectedMs[slot] as number;
  }

  /** What a dispatch gave its worker to read, bytes. */
  bytesInOf(id: number): number {
    return this.#bytesIn[slotOfId(id)] as number;
  }

  /** The id is back. @returns true when its dispatch is back with it */
  release(id: number): boolean {
    const slot = slotOfId(id);
    const call = this.slots.contents[slot];
    if (call) {
      call.heldBy = null;
      this.callCount--;
    }
    const isDispatch = this.#isDispatch[slot] === 1;
    this.#isDispatch[slot] = 0;
    this.backlogMs -= this.#expectedMs[slot] as number;
    this.#expectedMs[slot] = 0;
    this.heldBytes -= this.#bytesIn[slot] as number;
    this.#bytesIn[slot] = 0;
    this.slots.release(id);
    if (this.slots.usedCount === 0) {
      this.backlogMs = 0;
      this.isForOne = false;
    }
    return isDispatch;
  }

  /** The ids of the calls that wait, in their order. */
  waiting(): readonly number[] {
    const { claims } = this.memory;
    return this.slots.ids().filter((id) => {
      const slot = slotOfId(id);
      return this.slots.contents[slot] && stateOf(Atomics.load(claims, slot)) === callState.queued;
    });
  }

  /** What was posted for this answer. @throws {SandtuneError} when it is not there */
  received(id: number): unknown {
    const [posted, value] = (receiveMessageOnPort(this.#port)?.message ?? []) as readonly [unknown?, unknown?];
    if (posted !== id) throw frameError(`the result of call ${id}`, posted);
    return value;
  }

  /** No more is sent or received. */
  close(): void {
    this.#port.close();
  }
}
