/**
 * Options of `createSandbox()`: what the host may say, its defaults, and the checks at the boundary.
 * Threads and batch size start at piscina's own defaults, so that a gain is a gain over what people
 * run, not over a straw man.
 */
import { availableParallelism } from 'node:os';
import type { Load } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkText,
  expected,
} from '../foundation/options.ts';
import { type ResolvedSurroundings, resolveSurroundings, type Surroundings } from '../foundation/surroundings.ts';
import type { SpanOptions } from '../measure/recorder.ts';
import { type GuestOptions, type ResolvedGuest, resolveGuest } from './guest-options.ts';
import { maxBatchCalls } from './run/protocol.ts';

export interface SandboxOptions {
  /** Names the executor in windows, reports and the ledger. @defaultValue 'sandbox' */
  readonly name?: string;
  /** The guests, by name. At least one. */
  readonly guests: Readonly<Record<string, GuestOptions>>;
  /** Worker threads calls are routed to, 1 to `maxThreads`. @defaultValue 1.5 × CPUs, rounded up, as piscina does */
  readonly threads?: number;
  /** Most calls sent to a worker in one message, 1 to 1024. @defaultValue 1 */
  readonly batchSize?: number;
  /** Longest time a call waits for its batch to fill, 0 to 100 ms; 0 takes what one turn of the event loop brings. @defaultValue 0 */
  readonly batchLingerMs?: number;
  /** Instances each worker keeps, least recently used out first, 1 to 256. @defaultValue 32 */
  readonly moduleCacheCapacity?: number;
  /** Upper end of the knob `threads`, 1 to 512. @defaultValue max(2 × CPUs, 4) */
  readonly maxThreads?: number;
  /** Longest time one call may spend inside its guest, cold start included, 1 to 86,400,000 ms. @defaultValue Infinity */
  readonly deadlineMs?: number;
  /** Calls that may wait; one more is shed. @defaultValue Infinity */
  readonly maxQueue?: number;
  /** Cap of the memories of each guest together, in pages of 64 KiB, 1 to 65,536. @defaultValue 4096 (256 MiB) */
  readonly maxMemoryPages?: number;
  /** Do arrivals wait for completions? Not given: inferred from windows. */
  readonly load?: Load;
  /** Where the worker file is, for bundlers. @defaultValue the file beside this module */
  readonly workerUrl?: URL;
  /** Which calls get a span and stage times. */
  readonly spans?: SpanOptions;
  /** Keep histograms, stages and spans; counters are always kept. @defaultValue true */
  readonly measure?: boolean;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

export interface ResolvedSandboxOptions
  extends Required<Omit<SandboxOptions, 'guests' | 'load' | 'workerUrl' | 'surroundings'>> {
  readonly surroundings: ResolvedSurroundings;
  readonly guests: readonly ResolvedGuest[];
  readonly load: Load | undefined;
  readonly workerUrl: URL | undefined;
  /** Knob id → where its first value comes from. */
  readonly sources: Readonly<Record<KnobId, string>>;
}

type KnobId = 'threads' | 'batchSize' | 'batchLingerMs' | 'moduleCacheCapacity';

export const sandboxDefaults = Object.freeze({
  name: 'sandbox',
  batchSize: 1,
  batchLingerMs: 0,
  moduleCacheCapacity: 32,
  deadlineMs: Infinity,
  maxQueue: Infinity,
  maxMemoryPages: 4096,
  measure: true,
} as const);

/** Ranges of the knobs; that of `threads` depends on the machine. */
export const knobRanges = Object.freeze({
  batchSize: { min: 1, max: maxBatchCalls },
  batchLingerMs: { min: 0, max: 100 },
  moduleCacheCapacity: { min: 1, max: 256 },
} as const);

const keys = [
  ...Object.keys(sandboxDefaults),
  'guests',
  'threads',
  'maxThreads',
  'load',
  'workerUrl',
  'spans',
  'surroundings',
];

/**
 * @param cpus threads the machine runs at once, as piscina counts them
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function resolveSandboxOptions(options: SandboxOptions, cpus = availableParallelism()): ResolvedSandboxOptions {
  if (typeof options !== 'object' || options === null)
    throw expected('createSandbox()', 'an object of options', options);
  checkKeys('createSandbox()', options, keys);
  const maxThreads = checkInteger('maxThreads', options.maxThreads ?? Math.max(2 * cpus, 4), { min: 1, max: 512 });
  const piscinaThreads = Math.ceil(1.5 * cpus);
  const maxMemoryPages = checkInteger('maxMemoryPages', options.maxMemoryPages ?? sandboxDefaults.maxMemoryPages, {
    min: 1,
    max: 65_536,
  });
  const { batchSize, batchLingerMs, moduleCacheCapacity } = sandboxDefaults;
  return {
    name: checkText('name', options.name ?? sandboxDefaults.name),
    guests: resolveGuests(options.guests, maxMemoryPages),
    threads: checkInteger('threads', options.threads ?? Math.min(piscinaThreads, maxThreads), {
      min: 1,
      max: maxThreads,
    }),
    batchSize: checkInteger('batchSize', options.batchSize ?? batchSize, knobRanges.batchSize),
    batchLingerMs: checkNumber('batchLingerMs', options.batchLingerMs ?? batchLingerMs, knobRanges.batchLingerMs),
    moduleCacheCapacity: checkInteger(
      'moduleCacheCapacity',
      options.moduleCacheCapacity ?? moduleCacheCapacity,
      knobRanges.moduleCacheCapacity,
    ),
    maxThreads,
    deadlineMs: limitOrInfinity('deadlineMs', options.deadlineMs, 1, 86_400_000),
    maxQueue: limitOrInfinity('maxQueue', options.maxQueue, 0, Number.MAX_SAFE_INTEGER),
    maxMemoryPages,
    load: options.load === undefined ? undefined : checkOneOf<Load>('load', options.load, ['open', 'closed']),
    workerUrl: checkUrl('workerUrl', options.workerUrl),
    spans: resolveSpans(options.spans ?? {}),
    measure: checkBoolean('measure', options.measure ?? sandboxDefaults.measure),
    surroundings: resolveSurroundings(options.surroundings),
    sources: {
      threads:
        options.threads !== undefined
          ? 'options.threads'
          : piscinaThreads <= maxThreads
            ? `piscina's default: 1.5 × ${cpus} CPUs, rounded up`
            : `piscina's default (1.5 × ${cpus} CPUs) clamped to options.maxThreads`,
      batchSize: options.batchSize === undefined ? "piscina's default: one call a message" : 'options.batchSize',
      batchLingerMs: options.batchLingerMs === undefined ? 'default: no waiting' : 'options.batchLingerMs',
      moduleCacheCapacity:
        options.moduleCacheCapacity === undefined ? 'default: 32 instances a worker' : 'options.moduleCacheCapacity',
    },
  };
}

function resolveGuests(guests: unknown, maxMemoryPages: number): ResolvedGuest[] {
  if (typeof guests !== 'object' || guests === null) throw expected('guests', 'an object of guests by name', guests);
  const entries = Object.entries(guests as SandboxOptions['guests']);
  if (entries.length === 0)
    throw new SandtuneError('ERR_SANDTUNE_OPTION', 'guests: expected at least one guest, got none');
  return entries.map(([name, guest]) => resolveGuest(name, guest, maxMemoryPages));
}

/** How often is checked by the recorder. */
function resolveSpans(spans: SpanOptions): SpanOptions {
  if (typeof spans !== 'object' || spans === null) throw expected('spans', '{ enabled, sampleEvery }', spans);
  checkKeys('spans', spans, ['enabled', 'sampleEvery']);
  return spans;
}

function limitOrInfinity(name: string, value: unknown, min: number, max: number): number {
  return value === undefined || value === Infinity ? Infinity : checkNumber(name, value, { min, max });
}

function checkUrl(name: string, value: unknown): URL | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof URL) || value.protocol !== 'file:') throw expected(name, 'a file: URL', value);
  return value;
}
