/**
 * When a checkpoint is due, what is in it, and in which order output and checkpoint become durable.
 *
 * | delivery         | positions are those of              | before them                | after them              |
 * |------------------|-------------------------------------|----------------------------|-------------------------|
 * | at-least-once    | the acknowledged prefix             | nothing                    | flush, save             |
 * | effectively-once | the acknowledged prefix             | all written acknowledged   | flush, save; or one transaction |
 * | at-most-once     | what was read                       | nothing                    | save, then deliver it   |
 *
 * With guests that keep state nothing is in a call, and all that was called is acknowledged, at that moment:
 * the state then is that of exactly the records before the positions. Calls go on while it is saved.
 *
 * A store that fails is tried again with the next checkpoint; the run fails at the `mostFailures`-th in a
 * row. Where output and checkpoint are one transaction, and where no second try can help (the run was fenced
 * off), it fails at once.
 */
import { realpathSync } from 'node:fs';
import type { Clock } from '../../foundation/clock.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../../foundation/errors.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { formatVersion } from '../checkpoint/container.ts';
import type {
  Checkpoint,
  CheckpointStorage,
  GuestStateKeeper,
  OpenSink,
  Position,
  SourceOfPartition,
} from '../contracts.ts';
import type { Delivery as DeliveryGuarantee } from '../options.ts';
import type { SinkDelivery } from './delivery.ts';

export interface CheckpointingParts {
  readonly storage: CheckpointStorage;
  readonly sink: OpenSink;
  readonly delivery: DeliveryGuarantee;
  readonly intervalMs: number;
  readonly bytes: number;
  readonly clock: Clock;
  readonly guests: GuestStateKeeper | undefined;
  readonly sources: readonly SourceOfPartition[];
  readonly fixed: Pick<Checkpoint, 'job' | 'fencingToken' | 'configVersion' | 'metadata' | 'moduleHash'>;
  readonly firstEpoch: number;
  /** Of the run it belongs to. */
  readonly flow: CheckpointedFlow;
}

/** What a checkpoint asks of a run. */
interface CheckpointedFlow {
  readonly partitions: readonly {
    readonly read: Position[number];
    readonly committed: Position[number];
    openOffsets(most: number): readonly number[];
    readonly gaps: { takeBefore(offset: number): Checkpoint['gaps'] };
    deliverBefore: number;
  }[];
  readonly delivery: Pick<SinkDelivery, 'acknowledged' | 'unacknowledged' | 'ended'>;
  readonly counts: { checkpoints: number; failedCheckpoints: number; readonly bytesOut: number };
  readonly isGated: boolean;
  readonly isOver: boolean;
  readonly credits: { readonly isPaused: boolean };
  /** Begins no call until it is told otherwise; resolves when none is in flight and all is acknowledged. */
  quiet(): Promise<void>;
  resume(): void;
  controllerState(): unknown;
}

const mostFailures = 3;
/** Offsets of records in flight that a checkpoint lists, of each partition. */
const mostListed = 1000;

export class Checkpointing {
  readonly #parts: CheckpointingParts;
  readonly #isOneTransaction: boolean;
  #epoch: number;
  #lastMs: number;
  #lastBytesOut = 0;
  #lastPositions = '';
  #saving: Promise<void> | undefined;
  #failures = 0;
  /** Told in checkpoints that were not saved. */
  #gaps: Checkpoint['gaps'] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: CheckpointingParts) {
    this.#parts = parts;
    this.#epoch = parts.firstEpoch;
    this.#lastMs = parts.clock.now();
    this.#isOneTransaction = isOneTransaction(parts.sink, parts.storage);
  }

  isDue(): boolean {
    const { flow, clock, intervalMs, bytes, delivery } = this.#parts;
    if (this.#failure) return true;
    const isTime = clock.now() - this.#lastMs >= intervalMs;
    // A gate that holds everything back is opened at once where nothing can come meanwhile.
    if (delivery === 'at-most-once' && flow.isGated) return isTime || flow.credits.isPaused || flow.isOver;
    if (!isTime && flow.counts.bytesOut - this.#lastBytesOut < bytes) return false;
    if (this.#positionsText() !== this.#lastPositions) return true;
    this.#lastMs = clock.now();
    return false;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_FENCED, ERR_SANDTUNE_CHECKPOINT; what the sink throws */
  async take(): Promise<void> {
    const { flow, sink, storage, delivery, guests, clock } = this.#parts;
    await this.saved();
    this.#lastMs = clock.now();
    this.#lastBytesOut = flow.counts.bytesOut;
    if (guests) await flow.quiet();
    else if (delivery === 'effectively-once') await flow.delivery.acknowledged();
    let save: Promise<void>;
    try {
      const guestStates = guests ? await guests.snapshot() : [];
      this.#lastPositions = this.#positionsText();
      const content = { ...this.#content(), guestStates };
      const read = flow.partitions.map((partition) => partition.read.offset);
      if (this.#isOneTransaction) {
        await this.#commit(content);
        save = Promise.resolve();
      } else {
        const output = await sink.flush();
        save = storage.save({ ...content, output });
      }
      this.#saving = this.#told(save).then(() => {
        if (delivery !== 'at-most-once' || this.#failures > 0) return;
        flow.partitions.forEach((partition, i) => {
          partition.deliverBefore = read[i] as number;
        });
      });
    } finally {
      if (guests) flow.resume();
    }
    if (delivery === 'at-most-once') await this.saved();
  }

  /** Resolves when the last checkpoint that was begun is durable. @throws as `take` */
  async saved(): Promise<void> {
    await this.#saving;
    this.#saving = undefined;
    if (this.#failure) throw this.#failure.error;
  }

  /** The last checkpoint of a run that has completed. @throws as `take` */
  async finish(): Promise<void> {
    await this.saved();
    if (this.#positionsText() !== this.#lastPositions) await this.take();
    await this.saved();
  }

  /**
   * A checkpoint of what was acknowledged when the run was stopped. Guests that keep state may be ahead of that, and
   * what effectively-once has written too: then there is none. At-most-once would give up what it has read. Never
   * rejects.
   */
  async lastResort(): Promise<void> {
    const { guests, delivery, flow } = this.#parts;
    try {
      await this.saved();
      await flow.delivery.ended();
      const isExact = delivery !== 'effectively-once' || flow.delivery.unacknowledged === 0;
      if (!guests && isExact && delivery !== 'at-most-once' && this.#positionsText() !== this.#lastPositions)
        await this.take();
      await this.saved();
    } catch {
      // The run tells why it was stopped; the checkpoint before this one stays what it is.
    }
  }

  async #commit(content: Omit<Checkpoint, 'output'>): Promise<void> {
    const { sink, storage } = this.#parts;
    const { transaction } = storage;
    await sink.commit?.((database, output) => transaction?.saveIn(database, { ...content, output }));
  }

  /** Counts what becomes of it; never rejects. */
  async #told(save: Promise<void>): Promise<void> {
    const { flow } = this.#parts;
    try {
      await save;
      this.#failures = 0;
      this.#gaps = [];
      flow.counts.checkpoints++;
    } catch (cause) {
      flow.counts.failedCheckpoints++;
      this.#lastPositions = '';
      this.#failures++;
      const heals = cause instanceof CheckpointError ? cause.mayHeal : !isFenced(cause);
      if (!heals) this.#failure = { error: cause };
      else if (this.#failures >= mostFailures) {
        const message = `${this.#parts.storage.name}: expected a checkpoint to be saved, got ${this.#failures} failures in a row: ${messageOf(cause)}`;
        this.#failure = { error: new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message, { cause }) };
      }
    }
  }

  #positions(): Position {
    const { flow, delivery } = this.#parts;
    return flow.partitions.map((partition) => (delivery === 'at-most-once' ? partition.read : partition.committed));
  }

  #positionsText(): string {
    return this.#positions()
      .map(({ offset, at }) => `${offset}:${at}`)
      .join();
  }

  #content(): Omit<Checkpoint, 'output' | 'guestStates'> {
    const { fixed, flow, sources, clock } = this.#parts;
    const position = this.#positions();
    const more = flow.partitions.flatMap(({ gaps }, i) => gaps.takeBefore(position[i]?.offset ?? 0));
    this.#gaps = [...this.#gaps, ...more];
    return {
      formatVersion,
      ...fixed,
      epoch: this.#epoch++,
      savedAtMs: clock.timeOrigin + clock.now(),
      input: { position, sources },
      gaps: this.#gaps,
      inFlight: flow.partitions.map((one) => ({
        partition: one.read.partition,
        offsets: one.openOffsets(mostListed),
      })),
      controller: flow.controllerState(),
    };
  }
}

function isFenced(error: unknown): boolean {
  return isSandtuneError(error) && error.code === 'ERR_SANDTUNE_FENCED';
}

/** Output and checkpoints are in one database. */
export function isOneTransaction(sink: OpenSink, storage: CheckpointStorage): boolean {
  if (!sink.commit || !storage.transaction || sink.databasePath === undefined) return false;
  return realpathSync(storage.transaction.databasePath) === realpathSync(sink.databasePath);
}
