/** What a run is made of, and how long it waits for what others own. */
import type { Timers } from '../../foundation/clock.ts';
import type { StreamTracer } from '../../measure/stream-spans.ts';
import type { OpenSink, OpenSource, Position, RecordsInFlight } from '../contracts.ts';
import type { ResolvedStreamOptions } from '../options.ts';
import type { RecordBooks } from '../record-books.ts';
import type { ResolvedStage } from '../stages.ts';
import type { ControllerBounds } from './adaptive/controller.ts';
import type { DeliveryGate } from './delivery.ts';
import type { Stop } from './stop.ts';

export interface FlowParts {
  readonly options: ResolvedStreamOptions;
  /** At least one. */
  readonly stages: readonly ResolvedStage[];
  /** As they are when it begins. */
  readonly bounds: ControllerBounds;
  readonly books: RecordBooks;
  readonly tracer: StreamTracer;
  readonly source: OpenSource;
  readonly sink: OpenSink;
  readonly from: Position;
  /** Of an earlier run, behind that. @defaultValue all of it is to be done */
  readonly inFlight?: readonly RecordsInFlight[];
  readonly stop: Stop;
  /** Between two writes. @defaultValue never due */
  readonly checkpoints?: DeliveryGate;
  /** Of the controller of an earlier run. */
  readonly controllerState?: unknown;
}

/** How long foreign code may take to end once the run has. */
const graceMs = 1000;

/** Resolves when the promise has settled, or soon. Never rejects. */
export async function withinGrace(promise: PromiseLike<unknown>, timers: Timers): Promise<void> {
  const over = new AbortController();
  const settled = promise.then(undefined, () => {});
  await Promise.race([settled, timers.sleep(graceMs, { signal: over.signal, keepAlive: true }).catch(() => {})]);
  over.abort();
}
