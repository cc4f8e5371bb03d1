/**
 * Reads one partition: takes its pieces, cuts them into records, and hands each on once there are credits
 * for it. What is read and not handed on is one piece, and one record that has been cut and waits.
 *
 *   piece ─▶ framing ─▶ admission ─▶ admit
 *                          ├─ wait ──▶ until credits come back (the piece stays where it is)
 *                          └─ drop, sample-out ──▶ left out, counted, its offset in a gap
 */

import { plainBytes, viewOf } from '../../foundation/bytes.ts';
import type { Clock } from '../../foundation/clock.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import { areBytes } from '../../foundation/foreign-values.ts';
import { quoted } from '../../foundation/options.ts';
import { afterTurn } from '../../foundation/turns.ts';
import type { SourcePartition } from '../contracts.ts';
import type { FrameReader } from '../framing/framing.ts';
import type { ResolvedStreamOptions } from '../options.ts';
import type { PartitionFlow } from './partition-flow.ts';
import type { Stop } from './stop.ts';

/** What an intake asks of the run it reads for. */
export interface IntakeHost {
  readonly stop: Stop;
  /** A record: true when it was dealt with, false when there is no room for it. */
  offer(from: PartitionFlow, bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean;
  /** Resolves when there may be room again. */
  room(): Promise<void>;
  /** Something was read, and is offered now. */
  pieceCame(): void;
  /** What was read has been offered: it need not wait for more. */
  pieceDone(): void;
  /** Resolves when the promise has settled, or soon: foreign code does not hold up the end of the run. */
  grace(promise: PromiseLike<unknown>): Promise<void>;
  /** There is no room, and what comes now is dropped: the sink must get a turn. */
  readonly isDropping: boolean;
}

const encoder = new TextEncoder();

interface Pending {
  readonly bytes: Uint8Array;
  readonly frameBytes: number;
  readonly tooLong: boolean;
}

export class Intake {
  readonly #host: IntakeHost;
  readonly #flow: PartitionFlow;
  readonly #partition: SourcePartition;
  readonly #framing: FrameReader | undefined;
  readonly #maxRecordBytes: number;
  readonly #clock: Clock;
  #turnedAtMs: number;
  #steps = 0;
  /** Cut, and waiting for room: one, or more of a reader that does not stop where it is told to. */
  #pending: Pending[] = [];

  constructor(
    host: IntakeHost,
    flow: PartitionFlow,
    partition: SourcePartition,
    {
      framing,
      maxRecordBytes,
      surroundings,
    }: Pick<ResolvedStreamOptions, 'framing' | 'maxRecordBytes' | 'surroundings'>,
  ) {
    this.#host = host;
    this.#flow = flow;
    this.#partition = partition;
    // Without one each piece is a record.
    this.#framing = partition.gives === 'records' ? undefined : framing?.reader(maxRecordBytes);
    this.#maxRecordBytes = maxRecordBytes;
    this.#clock = surroundings.clock;
    this.#turnedAtMs = this.#clock.now();
  }

  /** Resolves at the end of the partition. @throws the reason of the stop, what the source throws, ERR_SANDTUNE_FRAMING */
  async read(): Promise<void> {
    const { stop } = this.#host;
    const iterator = iteratorOf(this.#partition.read(this.#flow.read), this.#partition.partition);
    let isLeft = true;
    let isAsked = false;
    try {
      for (;;) {
        isAsked = true;
        const { done, value } = resultOf(await stop.or(iterator.next()), this.#partition.partition);
        isAsked = false;
        if (done === true) {
          isLeft = false;
          break;
        }
        this.#host.pieceCame();
        if (!Array.isArray(value)) await this.#piece(bytesOf(value, this.#partition.partition));
        else
          for (const piece of value) {
            // Not waited for where there is room: a list may have thousands of records, each of which would cost a turn.
            const waiting = this.#piece(bytesOf(piece, this.#partition.partition));
            if (waiting) await waiting;
          }
        this.#host.pieceDone();
        await this.#breathe();
      }
      this.#framing?.end(this.#takeFrame);
      await this.#settlePending();
      this.#host.pieceDone();
    } catch (error) {
      // As in a loop over it: what has thrown by itself has ended, and is not left.
      if (isAsked && !stop.isStopped) isLeft = false;
      if (!stop.isStopped) stop.stop(error);
      throw error;
    } finally {
      if (isLeft) await this.#host.grace(leave(iterator));
    }
  }

  /** @returns undefined where all of it was taken at once */
  #piece(piece: Uint8Array): Promise<void> | undefined {
    const framing = this.#framing;
    if (framing) return this.#cut(framing, piece, 0);
    this.#take(piece, 1, piece.length > this.#maxRecordBytes);
    return this.#pending.length > 0 ? this.#settlePending() : undefined;
  }

  #cut(framing: FrameReader, piece: Uint8Array, start: number): Promise<void> | undefined {
    for (let from = start; from < piece.length; ) {
      const to: unknown = framing.push(piece, from, this.#takeFrame);
      const isWaiting = this.#pending.length > 0;
      if (!Number.isInteger(to) || (to as number) > piece.length || (to as number) < from + (isWaiting ? 0 : 1))
        throw this.#wrongFraming(`push() to give an index behind ${from}, up to ${piece.length}`, to);
      from = to as number;
      if (isWaiting) return this.#settlePending().then(() => this.#cut(framing, piece, from));
    }
    return undefined;
  }

  /** Leaves a turn of the event loop to others, where the last one was long ago. */
  #breathe(): Promise<void> | undefined {
    const nowMs = this.#clock.now();
    if (++this.#steps < mostSteps && nowMs - this.#turnedAtMs < longestMs && !this.#host.isDropping) return undefined;
    this.#steps = 0;
    this.#turnedAtMs = nowMs;
    return turn();
  }

  readonly #take = (bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean => {
    if (this.#pending.length === 0 && this.#wasTaken(bytes, frameBytes, tooLong)) return true;
    this.#pending.push({ bytes, frameBytes, tooLong });
    return false;
  };

  /** Of a reader that anybody may have written. */
  readonly #takeFrame = (bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean => {
    if (!areBytes(bytes)) throw this.#wrongFraming('a record to be bytes', bytes);
    if (!Number.isSafeInteger(frameBytes) || frameBytes < 1)
      throw this.#wrongFraming('a record to take an integer of at least 1 byte of its source', frameBytes);
    return this.#take(bytes, frameBytes, tooLong);
  };

  /** It has been dealt with: there was room for it, or none is needed. */
  #wasTaken(bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean {
    if (!this.#flow.comesDone) return this.#host.offer(this.#flow, bytes, frameBytes, tooLong);
    this.#flow.passOver(frameBytes);
    return true;
  }

  async #settlePending(): Promise<void> {
    for (const { bytes, frameBytes, tooLong } of this.#pending) {
      // Those before it are to be called, or they make no room.
      this.#host.pieceDone();
      while (!this.#wasTaken(bytes, frameBytes, tooLong)) {
        await this.#host.room();
        await this.#breathe();
      }
      this.#host.pieceCame();
    }
    this.#pending = [];
  }

  #wrongFraming(what: string, got: unknown): SandtuneError {
    const message = `partition ${this.#partition.partition}: expected ${what}, got ${quoted(got)}`;
    return new SandtuneError('ERR_SANDTUNE_FRAMING', message);
  }
}

/**
 * Between two turns of the event loop that are left to others. Where a source always has more, and calls and sink are
 * promises that are kept at once, nothing else would come to its turn: no timer, no signal, no checkpoint.
 */
const longestMs = 5;
const mostSteps = 256;

/** A source may give text. A Buffer is taken as the plain bytes it is, or functions would see now the one, now the other. */
function bytesOf(piece: unknown, partition: string): Uint8Array {
  if (areBytes(piece)) return piece.constructor === Uint8Array ? plainBytes(piece) : viewOf(piece);
  if (typeof piece === 'string') return encoder.encode(piece);
  const message = `partition ${partition}: expected bytes or text, got ${quoted(piece)}`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

function iteratorOf<T>(iterable: AsyncIterable<T>, partition: string): AsyncIterator<T> {
  const iterator: unknown = iterable?.[Symbol.asyncIterator]?.();
  if (typeof (iterator as Partial<AsyncIterator<T>> | undefined)?.next === 'function')
    return iterator as AsyncIterator<T>;
  const message = `partition ${partition}: expected an async iterable, got ${quoted(iterable)}`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

function resultOf<T>(result: T, partition: string): T {
  if (typeof result === 'object' && result !== null) return result;
  const message = `partition ${partition}: expected next() to give an object, got ${quoted(result)}`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

/** Tells the source that nobody wants more. What it makes of that is its own affair. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function turn(): Promise<void> {
  return new Promise((resolve) => afterTurn(resolve));
}
