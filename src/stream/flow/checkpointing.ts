/**
 * When a checkpoint is due, what is in it, and in which order output and checkpoint become durable.
 *
 * | delivery         | positions are those of              | before them                | after them              |
 * |------------------|-------------------------------------|----------------------------|-------------------------|
 * | at-least-once    | the acknowledged prefix             | nothing                    | flush, save             |
 * | effectively-once | the acknowledged prefix             | all written acknowledged   | flush, save; or one transaction |
 * | at-most-once     | what was read                       | nothing                    | save, then deliver it   |
 *
 * With guests that keep state a line is drawn while nothing is in a call: what was called stands before it, and the
 * state is that of exactly these records. Calls go on at once; what they give waits until all before the line is
 * acknowledged and durable.
 *
 *   hold ─▶ calls end ─▶ states taken, line drawn ─▶ calls go on          no guest is entered between the first two arrows
 *                                          └─▶ deliver up to the line ─▶ flush, save
 *
 * Records behind a position that are done with, as where results keep no order, are told by what is not
 * (`inFlight`), so that a restart repeats what was delivered behind its checkpoint and nothing else.
 *
 * A store that fails is tried again after a while, in which what was delivered stays below one interval
 * (checkpoint-pace.ts); the run fails at the `mostFailures`-th in a row. Where output and checkpoint are one
 * transaction, and where no second try can help (the run was fenced off), it fails at once. The first checkpoint of
 * a run and its last are waited for.
 */
import { realpathSync } from 'node:fs';
import { isSandtuneError, messageOf, SandtuneError } from '../../foundation/errors.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { formatVersion } from '../checkpoint/container.ts';
import type {
  Checkpoint,
  CheckpointStorage,
  OpenSink,
  Position,
  SavedWithOutput,
  SourceOfPartition,
} from '../contracts.ts';
import { CheckpointPace, type Moment } from './checkpoint-pace.ts';
import type { CheckpointedFlow, CheckpointingParts } from './checkpointing-parts.ts';

const mostFailures = 3;

export class Checkpointing {
  readonly #parts: CheckpointingParts;
  readonly #isOneTransaction: boolean;
  readonly #pace: CheckpointPace;
  #epoch: number;
  #lastPositions = '';
  #saving: Promise<void> | undefined;
  #failures = 0;
  /** Told in checkpoints that were not saved. */
  #gaps: Checkpoint['gaps'] = [];
  #failure: { readonly error: unknown } | undefined;
  /** When the loop of the delivery is woken. */
  #wakesAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: CheckpointingParts) {
    this.#parts = parts;
    this.#epoch = parts.firstEpoch;
    const { intervalMs, bytes, delivery } = parts;
    this.#pace = new CheckpointPace({ intervalMs, bytes, repeats: delivery === 'at-least-once' }, this.#now());
    this.#isOneTransaction = isOneTransaction(parts.sink, parts.storage);
  }

  isDue(): boolean {
    const { flow, delivery, guests } = this.#parts;
    if (this.#failure) return true;
    const now = this.#now();
    // A gate that holds everything back is opened at once where nothing can come meanwhile.
    if (delivery === 'at-most-once' && flow.isGated && this.#failures === 0)
      return this.#pace.isTime(now.ms) || flow.credits.isPaused || flow.isOver;
    if (!this.#pace.isDue(now, guests ? flow.calledBytes : 0)) return false;
    if (this.#positionsText() !== this.#lastPositions) return true;
    this.#pace.idle(now.ms);
    return false;
  }

  /** Bytes that may be delivered now; 0: none before a checkpoint is saved, of which `delivery.wake` tells. */
  allowance(): number {
    return this.#pace.allowance(this.#now());
  }

  /**
   * Nothing can be delivered for now. Where that is for want of a checkpoint, `delivery.wake` tells when one is due:
   * nothing else may be left that would, and nothing else that keeps the process alive.
   */
  waits(): void {
    const { flow, delivery, clock, timers } = this.#parts;
    const isAwaited = this.#failures > 0 || (delivery === 'at-most-once' && flow.isGated);
    const { dueMs } = this.#pace;
    if (!isAwaited || dueMs >= this.#wakesAtMs) return;
    this.#wakesAtMs = dueMs;
    const leftMs = Math.max(0, dueMs - clock.now());
    timers.sleep(leftMs, { signal: flow.stop.signal, keepAlive: true }).then(
      () => {
        this.#wakesAtMs = Number.POSITIVE_INFINITY;
        flow.delivery.wake.tell();
      },
      () => undefined,
    );
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_FENCED, ERR_SANDTUNE_CHECKPOINT; what the sink throws */
  async take(): Promise<void> {
    await this.saved();
    await this.#put(await this.#taken());
  }

  /** @param isClaim its guests' memories are those that were restored */
  async #put(content: Omit<Checkpoint, 'output'>, isClaim = false): Promise<void> {
    const { flow, sink, storage, delivery } = this.#parts;
    let save = Promise.resolve();
    // Files are read while others are synced.
    const recognised = this.#sourcesAt(content.input.position);
    if (this.#isOneTransaction) await this.#commit(withSources(content, await recognised));
    else {
      const output = await sink.flush();
      const checkpoint = { ...withSources(content, await recognised), output };
      save = isClaim && storage.claim ? storage.claim(checkpoint) : storage.save(checkpoint);
    }
    this.#saving = this.#told(save).then(() => {
      if (delivery !== 'at-most-once' || this.#failures > 0) return;
      // By name: a claim has the positions of another run, whose partitions may have been others, or in another order.
      const saved = new Map(content.input.position.map(({ partition, offset }) => [partition, offset]));
      for (const one of flow.partitions) one.deliverBefore = saved.get(one.partition) ?? one.deliverBefore;
    });
    if (delivery === 'at-most-once') await this.saved();
  }

  /**
   * Positions, and the state of the guests at exactly these. Guests may be entered again before the output is
   * delivered and made durable; nothing more of it is written until then, whatever comes of the calls.
   */
  async #taken(): Promise<Omit<Checkpoint, 'output'>> {
    const { flow, delivery, guests, clock } = this.#parts;
    if (!guests) {
      if (delivery === 'effectively-once') await flow.delivery.acknowledged();
      return this.#content(this.#positions(), []);
    }
    const startMs = clock.now();
    let content: Omit<Checkpoint, 'output'>;
    let lineMs = startMs;
    try {
      await flow.line.quiet();
      const states = await guests.snapshot();
      lineMs = clock.now();
      content = this.#content(flow.line.draw(), states);
    } finally {
      flow.line.resume();
      flow.counts.heldMs += clock.now() - startMs;
    }
    await flow.line.deliver();
    // All that was delivered until now is behind the line's back.
    this.#pace.begun({ ms: lineMs, bytes: flow.counts.bytesOut });
    return content;
  }

  /** Resolves when the last checkpoint that was begun is durable. @throws as `take` */
  async saved(): Promise<void> {
    await this.#saving;
    this.#saving = undefined;
    if (this.#failure) throw this.#failure.error;
  }

  /**
   * The first checkpoint of a run that goes on from another, before anything is delivered: it stands where that one
   * does, with the states that it has, and says whose output it is now. @throws as `take`
   */
  async claim({ input, inFlight, controller, guestStates }: Checkpoint): Promise<void> {
    const { fixed, clock, timers, flow } = this.#parts;
    do {
      if (this.#failures > 0) await timers.sleep(this.#pace.retryMs, { signal: flow.stop.signal, keepAlive: true });
      this.#pace.begun(this.#now());
      this.#lastPositions = this.#positionsText();
      const savedAtMs = clock.timeOrigin + clock.now();
      const of = { input, gaps: [], inFlight, controller, guestStates };
      await this.#put({ formatVersion, ...fixed, epoch: this.#epoch++, savedAtMs, ...of }, true);
      await this.saved();
    } while (this.#failures > 0);
  }

  /**
   * The first checkpoint of a run, before anything is delivered, and the last one after it has completed: resolves
   * when what was done is durable, after as many tries as a store has. @throws as `take`
   */
  async certain(): Promise<void> {
    const { timers, flow } = this.#parts;
    await this.saved();
    while (this.#positionsText() !== this.#lastPositions) {
      if (this.#failures > 0) await timers.sleep(this.#pace.retryMs, { signal: flow.stop.signal, keepAlive: true });
      await this.take();
      await this.saved();
    }
  }

  /**
   * A checkpoint of what was acknowledged when the run was stopped, of effectively-once once that is all it has
   * written. Guests that keep state may be ahead of that: then there is none. At-most-once would give up what it has
   * read. Never rejects.
   */
  async lastResort(): Promise<void> {
    const { guests, delivery, flow } = this.#parts;
    try {
      await this.saved();
      await flow.delivery.ended();
      if (delivery === 'effectively-once') await flow.delivery.allAcknowledged();
      if (!guests && delivery !== 'at-most-once' && this.#positionsText() !== this.#lastPositions) await this.take();
      await this.saved();
    } catch {
      // The run tells why it was stopped; the checkpoint before this one stays what it is.
    }
  }

  async #commit(content: Omit<Checkpoint, 'output'>): Promise<void> {
    const { sink, storage } = this.#parts;
    const { transaction } = storage;
    if (!transaction) return;
    const { keeping } = transaction;
    const saveIn: SavedWithOutput['saveIn'] = (database, output) =>
      transaction.saveIn(database, { ...content, output });
    await sink.commit?.({ checkpoint: content, keeping, saveIn });
  }

  /** Counts what becomes of it; never rejects. */
  async #told(save: Promise<void>): Promise<void> {
    const { flow, clock } = this.#parts;
    try {
      await save;
      this.#failures = 0;
      this.#gaps = [];
      flow.counts.checkpoints++;
      this.#pace.saved(this.#now());
    } catch (cause) {
      flow.counts.failedCheckpoints++;
      this.#pace.failed(clock.now());
      this.#lastPositions = '';
      this.#failures++;
      const heals = cause instanceof CheckpointError ? cause.mayHeal : !isFenced(cause);
      if (!heals) this.#failure = { error: cause };
      else if (this.#failures >= mostFailures) {
        const message = `${this.#parts.storage.name}: expected a checkpoint to be saved, got ${this.#failures} failures in a row: ${messageOf(cause)}`;
        this.#failure = { error: new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message, { cause }) };
      }
    }
    flow.delivery.wake.tell();
  }

  #now(): Moment {
    const { clock, flow } = this.#parts;
    return { ms: clock.now(), bytes: flow.counts.bytesOut };
  }

  #positions(): Position {
    const { flow, delivery } = this.#parts;
    return flow.partitions.map((partition) => (delivery === 'at-most-once' ? partition.read : partition.committed));
  }

  #positionsText(): string {
    return this.#textOf(this.#positions(), ({ doneCount }) => doneCount);
  }

  /** What each is recognised by where it stands now. */
  #sourcesAt(positions: Position): Promise<readonly SourceOfPartition[]> {
    return Promise.all(
      this.#parts.sources.map(async (source) => {
        const { partition, identity } = source;
        const position = positions.find((one) => one.partition === partition);
        if (!position) return { partition, identity };
        // Somebody else's may throw; it is then recognised by less.
        const now = await attempted(async () => await source.identityAt?.(position));
        return { partition, identity: now ?? identity };
      }),
    );
  }

  /** Also of what is done behind the positions: a record that takes for ever is no reason to save nothing. */
  #textOf(positions: Position, done: (one: CheckpointedFlow['partitions'][number], offset: number) => number): string {
    const { flow, delivery } = this.#parts;
    const counts = delivery === 'at-most-once' ? [] : flow.partitions;
    return positions.map(({ offset, at }, i) => `${offset}:${at}:${counts[i] ? done(counts[i], offset) : ''}`).join();
  }

  #content(position: Position, guestStates: Checkpoint['guestStates']): Omit<Checkpoint, 'output'> {
    const { fixed, flow, clock } = this.#parts;
    this.#lastPositions = this.#textOf(position, (one, offset) => one.doneCountAt(offset));
    this.#pace.begun(this.#now());
    const more = flow.partitions.flatMap(({ gaps, read }) => gaps.takeBefore(read.offset));
    this.#gaps = [...this.#gaps, ...more];
    return {
      formatVersion,
      ...fixed,
      epoch: this.#epoch++,
      savedAtMs: clock.timeOrigin + clock.now(),
      input: { position, sources: [] },
      gaps: this.#gaps,
      inFlight: flow.partitions.map((one, i) => one.inFlight(position[i]?.offset)),
      controller: flow.controllerState(),
      guestStates,
    };
  }
}

async function attempted<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

function withSources(
  content: Omit<Checkpoint, 'output'>,
  sources: readonly SourceOfPartition[],
): Omit<Checkpoint, 'output'> {
  return { ...content, input: { ...content.input, sources } };
}

function isFenced(error: unknown): boolean {
  return isSandtuneError(error) && error.code === 'ERR_SANDTUNE_FENCED';
}

/** Output and checkpoints are in one database. */
export function isOneTransaction(sink: OpenSink, storage: CheckpointStorage): boolean {
  if (!sink.commit || !storage.transaction || sink.databasePath === undefined) return false;
  return realpathSync(storage.transaction.databasePath) === realpathSync(sink.databasePath);
}
