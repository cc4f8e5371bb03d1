/**
 * Reads one partition: takes its pieces, cuts them into records, and hands each on once there are credits
 * for it. What is read and not handed on is one piece, and one record that has been cut and waits.
 *
 *   piece ─▶ framing ─▶ admission ─▶ admit
 *                          ├─ wait ──▶ until credits come back (the piece stays where it is)
 *                          └─ drop, sample-out ──▶ left out, counted, its offset in a gap
 */
import { SandtuneError } from '../../foundation/errors.ts';
import { areBytes } from '../../foundation/foreign-values.ts';
import { quoted } from '../../foundation/options.ts';
import type { FrameReader, SourcePartition } from '../contracts.ts';
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
  #pending: Pending | undefined;

  constructor(
    host: IntakeHost,
    flow: PartitionFlow,
    partition: SourcePartition,
    { framing, maxRecordBytes }: Pick<ResolvedStreamOptions, 'framing' | 'maxRecordBytes'>,
  ) {
    this.#host = host;
    this.#flow = flow;
    this.#partition = partition;
    // Without one each piece is a record.
    this.#framing = partition.gives === 'records' ? undefined : framing?.reader(maxRecordBytes);
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Resolves at the end of the partition. @throws the reason of the stop, what the source throws, ERR_SANDTUNE_FRAMING */
  async read(): Promise<void> {
    const { stop } = this.#host;
    const iterator = this.#partition.read(this.#flow.read)[Symbol.asyncIterator]();
    let isLeft = true;
    let isAsked = false;
    try {
      for (;;) {
        isAsked = true;
        const { done, value } = await stop.or(iterator.next());
        isAsked = false;
        if (done === true) {
          isLeft = false;
          break;
        }
        this.#host.pieceCame();
        for (const piece of Array.isArray(value) ? value : [value])
          await this.#piece(bytesOf(piece, this.#partition.partition));
        this.#host.pieceDone();
        if (this.#host.isDropping) await turn();
      }
      this.#framing?.end(this.#take);
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

  async #piece(piece: Uint8Array): Promise<void> {
    const framing = this.#framing;
    if (!framing) {
      this.#take(piece, 1, piece.length > this.#maxRecordBytes);
      if (this.#pending) await this.#settlePending();
      return;
    }
    for (let from = 0; from < piece.length; ) {
      from = framing.push(piece, from, this.#take);
      if (this.#pending) await this.#settlePending();
    }
  }

  readonly #take = (bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean => {
    if (this.#host.offer(this.#flow, bytes, frameBytes, tooLong)) return true;
    this.#pending = { bytes, frameBytes, tooLong };
    return false;
  };

  async #settlePending(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return;
    this.#host.pieceDone();
    const { bytes, frameBytes, tooLong } = pending;
    while (!this.#host.offer(this.#flow, bytes, frameBytes, tooLong)) await this.#host.room();
    this.#host.pieceCame();
  }
}

/** A source may give text. A Buffer is taken as the plain bytes it is, or functions would see now the one, now the other. */
function bytesOf(piece: unknown, partition: string): Uint8Array {
  if (areBytes(piece))
    return piece.constructor === Uint8Array ? piece : new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  if (typeof piece === 'string') return encoder.encode(piece);
  const message = `partition ${partition}: expected bytes or text, got ${quoted(piece)}`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

/** Tells the source that nobody wants more. What it makes of that is its own affair. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
