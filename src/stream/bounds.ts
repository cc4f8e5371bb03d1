/**
 * The bounds of a processor, and its knobs, which are these: what may be in flight, and of each stage how many calls
 * there are at once and how many records a call has. Runs that are under way follow a move at once. What moves inside
 * the bounds under `backpressure: 'adaptive'` is the controller's affair: that is no move of a knob.
 */
import { atOnce, executorSpec, type KnobParts } from '../executor/knob.ts';
import type { ControllerBounds } from './flow/adaptive/controller.ts';
import type { CreditLimits } from './flow/credits.ts';
import type { LaneLimits } from './flow/lanes.ts';
import type { ResolvedStreamOptions } from './options.ts';
import type { ResolvedStage } from './stages.ts';

/** How far from what was configured a knob goes, as a factor. */
const reach = 4;
const leastLanes = 64;
const leastBatch = 4096;
const leastShare = 0.05;
const middle = 0.5;

export class StreamBounds {
  readonly knobs: readonly KnobParts<number>[];
  #credits: CreditLimits;
  readonly #stages: readonly { readonly stage: ResolvedStage; lanes: number | undefined; batchRecords: number }[];

  /** @param moves called around a move: before it, and with what holds from then on */
  constructor(
    options: ResolvedStreamOptions,
    stages: readonly ResolvedStage[],
    moves: { readonly before: () => void; readonly after: () => void },
  ) {
    const { bufferBytes: bytes, bufferRecords: records, lowWatermark: low, highWatermark: high } = options;
    this.#credits = { bytes, records, low, high };
    this.#stages = stages.map((stage) => ({ stage, lanes: undefined, batchRecords: stage.batchRecords }));
    const source = stages.length > 1 ? 'pipeline()' : 'createStreamProcessor()';
    const knob = (
      spec: Parameters<typeof executorSpec<number>>[0],
      read: () => number,
      set: (value: number) => void,
    ) => {
      const move = atOnce((value: number) => {
        set(value);
        moves.after();
      });
      const stage = spec.id.split('.').slice(0, -1).join('.');
      const path = [spec.id.split('.').at(-1) as string];
      const option: KnobParts['option'] =
        stage === '' ? { of: source, argument: 'second', path } : { of: `stage ${stage}`, argument: 'first', path };
      return {
        spec: executorSpec(spec),
        effective: read,
        move: (value: number, inForce: (value: number) => void) => {
          moves.before();
          move(value, inForce);
        },
        option,
      };
    };
    const whole = { scale: 'log', integer: true } as const;
    const share = { scale: 'linear', integer: false } as const;
    // Each on its side of one value, so that whatever they are moved to the low one is not above the other.
    const between = Math.min(high, Math.max(low, middle));
    this.knobs = [
      ...this.#stages.flatMap((own, index) => {
        const { stage } = own;
        const id = (name: string) => (stages.length > 1 ? `${stages[index]?.name}.${name}` : name);
        const lanes = stage.lanes();
        const width = knob(
          {
            id: id('maxConcurrency'),
            unit: 'calls',
            domain: { min: 1, max: Math.min(65_536, Math.max(leastLanes, reach * lanes)), ...whole },
            defaultValue: lanes,
            source,
            cost: 'per-unit',
          },
          () => own.lanes ?? stage.lanes(),
          (value) => {
            own.lanes = value;
          },
        );
        if (stage.takes === 'record') return [width];
        const batch = knob(
          {
            id: id('batchRecords'),
            unit: 'records',
            domain: { min: 1, max: Math.min(65_536, Math.max(leastBatch, reach * stage.batchRecords)), ...whole },
            defaultValue: stage.batchRecords,
            source,
          },
          () => own.batchRecords,
          (value) => {
            own.batchRecords = value;
          },
        );
        return [width, batch];
      }),
      knob(
        {
          id: 'bufferBytes',
          unit: 'bytes',
          domain: { min: options.maxRecordBytes, max: reach * bytes, ...whole },
          defaultValue: bytes,
          source,
          cost: 'per-unit',
        },
        () => this.#credits.bytes,
        (value) => this.#set({ bytes: value }),
      ),
      knob(
        {
          id: 'bufferRecords',
          unit: 'records',
          domain: { min: 1, max: reach * records, ...whole },
          defaultValue: records,
          source,
          cost: 'per-unit',
        },
        () => this.#credits.records,
        (value) => this.#set({ records: value }),
      ),
      knob(
        {
          id: 'lowWatermark',
          domain: { ...share, min: Math.min(low, leastShare), max: between },
          defaultValue: low,
          source,
        },
        () => this.#credits.low,
        (value) => this.#set({ low: value }),
      ),
      knob(
        { id: 'highWatermark', domain: { ...share, min: between, max: 1 }, defaultValue: high, source },
        () => this.#credits.high,
        (value) => this.#set({ high: value }),
      ),
    ];
  }

  /** What holds now. */
  get now(): ControllerBounds {
    return { credits: this.#credits, stages: this.#stages.map(limitsOf) };
  }

  #set(some: Partial<CreditLimits>): void {
    this.#credits = { ...this.#credits, ...some };
  }
}

function limitsOf({
  stage,
  lanes,
  batchRecords,
}: {
  readonly stage: ResolvedStage;
  readonly lanes: number | undefined;
  readonly batchRecords: number;
}): LaneLimits {
  const takesBatches = stage.takes !== 'record';
  return {
    lanes: lanes ?? stage.lanes(),
    batchRecords: takesBatches ? batchRecords : 1,
    batchBytes: takesBatches ? stage.batchBytes : Number.POSITIVE_INFINITY,
  };
}
