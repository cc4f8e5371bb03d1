/**
 * Options of `createSandbox()`: what the host may say, its defaults, and the checks at the boundary.
 * Threads and batch size start at piscina's own defaults, so that a gain is a gain over what people
 * run, not over a straw man.
 */
import { availableParallelism } from 'node:os';
import type { SettingValue } from '../contracts.ts';
import { type ExecutorOptions, type ResolvedExecutorOptions, resolveExecutorOptions } from '../executor/options.ts';
import { lingerRange } from '../executor/queue-knobs.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { isFileUrl } from '../foundation/foreign-values.ts';
import { canBeRead, checkBoolean, checkInteger, checkNumber, checkOneOf, expected } from '../foundation/options.ts';
import { type GuestOptions, type ResolvedGuest, resolveGuest } from './guest-options.ts';
import { maxBatchCalls } from './run/protocol.ts';
import { mostDepth } from './run/ring/slots.ts';
import { checkTier, type WayToThread, wayToThread } from './thread-options.ts';

/** `name` is that of the guest where there is one alone, else 'sandbox', where none is given. */
export interface SandboxOptions extends ExecutorOptions {
  /** The guests, by name. At least one. */
  readonly guests: Readonly<Record<string, GuestOptions>>;
  /** Worker threads calls are routed to, 1 to `maxThreads`. @defaultValue 1.5 × CPUs, rounded up, as piscina does */
  readonly threads?: number;
  /** Most calls sent to a worker in one message, 1 to 1024. @defaultValue 1 */
  readonly batchSize?: number;
  /**
   * Longest time a call waits for its batch to fill, 0 to 60,000 ms; 0 takes what one turn of the event
   * loop brings. The tuner tries up to 100 ms. @defaultValue 0
   */
  readonly batchLingerMs?: number;
  /** Instances each worker keeps, least recently used out first, 1 to 256. @defaultValue 32 */
  readonly moduleCacheCapacity?: number;
  /** Upper end of the knob `threads`, 1 to 512. @defaultValue max(2 × CPUs, 4) */
  readonly maxThreads?: number;
  /** Longest time one call may spend inside its guest, cold start included, 1 to 86,400,000 ms. @defaultValue Infinity */
  readonly deadlineMs?: number;
  /**
   * Longest time that bringing up one guest may take before the sandbox takes calls, its binding's modules
   * and `bind()` included, of work or of waiting, 1 to 86,400,000 ms or Infinity; where the machine is busy with
   * other things it is up to ten times as long. @defaultValue 3000
   */
  readonly startDeadlineMs?: number;
  /** Calls that may wait; one more is shed. @defaultValue Infinity */
  readonly maxQueue?: number;
  /** Cap of the memories of each guest together, in pages of 64 KiB, 1 to 65,536. @defaultValue 4096 (256 MiB) */
  readonly maxMemoryPages?: number;
  /**
   * Where calls run: on workers, or in the thread of their caller. The latter is for guests that are trusted and
   * whose calls take a few microseconds at the most: nobody can end such a call, so there are no deadlines; there
   * are no bindings, and no knobs. `function()` then also gives `sync`. @defaultValue 'worker'
   */
  readonly tier?: 'worker' | 'thread';
  /**
   * How calls reach their workers: in memory that host and worker share, one by one and many at once
   * (`ring`), or in a message each, or each batch, by piscina's own `run()` at its defaults (`message`).
   * `either` begins with messages and has a knob that moves calls to shared memory and back; its workers
   * then do not wait in piscina's own way, which costs messages up to a tenth.
   * @defaultValue 'ring'; 'message' where batchSize or batchLingerMs is given, for batches are of messages
   */
  readonly transport?: 'message' | 'ring' | 'either';
  /**
   * How long a worker that has run out of calls, and the host that waits for answers, look for the next one
   * before they sleep, 0 to 1000 µs: takes CPU, and saves a wake-up where the next call comes within it. Of `ring`
   * alone, as the two below. @defaultValue 20; 0 where there are as many threads as CPUs less one, or more
   */
  readonly spinUs?: number;
  /** Most calls that a worker holds at once, that which runs included, 1 to 512. @defaultValue 512 */
  readonly depth?: number;
  /** Longest time that an answer waits in the shared memory for others before a sleeping host is woken for it, 0 to 1000 µs; it never waits where fewer calls than answers are left. @defaultValue 50; 500 where there are as many threads as CPUs less one, or more */
  readonly coalesceUs?: number;
  /**
   * Most bytes of memory that a worker shares with the host for byte arguments of 16 KiB and more, and as many for
   * such results, leased ones included, 0 to 2^30; what finds no room there is copied once more. Of `ring` alone.
   * @defaultValue 8388608 (8 MiB)
   */
  readonly regionBytes?: number;
  /** Where the worker file is, for bundlers. @defaultValue the file beside this module */
  readonly workerUrl?: URL;
  /** Keep times, histograms, stages and spans. With false calls are only counted: no window tells how long they took. @defaultValue true */
  readonly measure?: boolean;
}

export interface ResolvedSandboxOptions
  extends ResolvedExecutorOptions,
    Required<Omit<SandboxOptions, keyof ExecutorOptions | 'guests' | 'workerUrl'>> {
  readonly guests: readonly ResolvedGuest[];
  readonly workerUrl: URL | undefined;
  readonly wayToThread: WayToThread;
  /** Knob id → where its first value comes from. */
  readonly sources: Readonly<Record<KnobId, string>>;
  /** Knob id → what its option was given; undefined where it was not. */
  readonly given: Readonly<Record<KnobId | 'tier', SettingValue | undefined>>;
}

type KnobId =
  | 'threads'
  | 'batchSize'
  | 'batchLingerMs'
  | 'moduleCacheCapacity'
  | 'transport'
  | 'spinUs'
  | 'depth'
  | 'coalesceUs';

const transportOptions = ['message', 'ring', 'either'] as const;
export type TransportOption = NonNullable<SandboxOptions['transport']>;

export const sandboxDefaults = Object.freeze({
  name: 'sandbox',
  batchSize: 1,
  batchLingerMs: 0,
  moduleCacheCapacity: 32,
  deadlineMs: Infinity,
  startDeadlineMs: 3000,
  maxQueue: Infinity,
  maxMemoryPages: 4096,
  tier: 'worker',
  transport: 'ring',
  spinUs: 20,
  depth: mostDepth,
  coalesceUs: 50,
  regionBytes: 8 * 1024 * 1024,
  measure: true,
} as const);

/** Ranges of the knobs; that of `threads` depends on the machine. */
export const knobRanges = Object.freeze({
  batchSize: { min: 1, max: maxBatchCalls },
  moduleCacheCapacity: { min: 1, max: 256 },
  spinUs: { min: 0, max: 1000 },
  depth: { min: 1, max: mostDepth },
  coalesceUs: { min: 0, max: 1000 },
} as const);

const regionBytesRange = { min: 0, max: 2 ** 30 };
const { name: defaultName, ...ownDefaults } = sandboxDefaults;
const keys = [...Object.keys(ownDefaults), 'guests', 'threads', 'maxThreads', 'workerUrl'];

/**
 * @param cpus threads the machine runs at once, as piscina counts them
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function resolveSandboxOptions(options: SandboxOptions, cpus = availableParallelism()): ResolvedSandboxOptions {
  const common = resolveExecutorOptions('createSandbox()', options, defaultName, keys);
  if (options.measure === false && options.spans !== undefined)
    throw expected('spans', 'nothing beside measure: false, under which there are none', options.spans);
  const maxThreads = checkInteger('maxThreads', options.maxThreads ?? Math.max(2 * cpus, 4), { min: 1, max: 512 });
  const piscinaThreads = Math.ceil(1.5 * cpus);
  const maxMemoryPages = checkInteger('maxMemoryPages', options.maxMemoryPages ?? sandboxDefaults.maxMemoryPages, {
    min: 1,
    max: 65_536,
  });
  const { batchSize, batchLingerMs, moduleCacheCapacity } = sandboxDefaults;
  const guests = resolveGuests(options.guests, maxMemoryPages);
  const [guest, ...more] = guests;
  const threads = checkInteger('threads', options.threads ?? Math.min(piscinaThreads, maxThreads), {
    min: 1,
    max: maxThreads,
  });
  const capacity = checkInteger(
    'moduleCacheCapacity',
    options.moduleCacheCapacity ?? moduleCacheCapacity,
    knobRanges.moduleCacheCapacity,
  );
  if (capacity < guests.length && guests.some(({ state }) => state !== 'none'))
    throw expected(
      'moduleCacheCapacity',
      `at least ${guests.length} where a guest keeps state, one for each`,
      capacity,
    );
  return {
    ...common,
    defaultName: guest && more.length === 0 ? guest.name : defaultName,
    guests,
    threads,
    batchSize: checkInteger('batchSize', options.batchSize ?? batchSize, knobRanges.batchSize),
    batchLingerMs: checkNumber('batchLingerMs', options.batchLingerMs ?? batchLingerMs, lingerRange),
    moduleCacheCapacity: capacity,
    maxThreads,
    deadlineMs: limitOrInfinity('deadlineMs', options.deadlineMs, 1, 86_400_000),
    startDeadlineMs: limitOrInfinity(
      'startDeadlineMs',
      options.startDeadlineMs ?? sandboxDefaults.startDeadlineMs,
      1,
      86_400_000,
    ),
    maxQueue: limitOrInfinity('maxQueue', options.maxQueue, 0, Number.MAX_SAFE_INTEGER),
    maxMemoryPages,
    tier: checkTier(options, guests),
    wayToThread: wayToThread(options, guests),
    transport: checkTransport(options),
    spinUs: checkInteger('spinUs', options.spinUs ?? defaultSpinUs(threads, cpus), knobRanges.spinUs),
    depth: checkInteger('depth', options.depth ?? sandboxDefaults.depth, knobRanges.depth),
    coalesceUs: checkInteger(
      'coalesceUs',
      options.coalesceUs ?? defaultCoalesceUs(threads, cpus),
      knobRanges.coalesceUs,
    ),
    regionBytes: checkInteger('regionBytes', options.regionBytes ?? sandboxDefaults.regionBytes, regionBytesRange),
    workerUrl: checkUrl('workerUrl', options.workerUrl),
    measure: checkBoolean('measure', options.measure ?? sandboxDefaults.measure),
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
      transport: options.transport === undefined ? 'default: batches are of messages' : 'options.transport',
      spinUs: options.spinUs === undefined ? `default: for ${threads} threads on ${cpus} CPUs` : 'options.spinUs',
      depth: options.depth === undefined ? 'default: as many as there is room for' : 'options.depth',
      coalesceUs:
        options.coalesceUs === undefined ? `default: for ${threads} threads on ${cpus} CPUs` : 'options.coalesceUs',
    },
    given: {
      threads: options.threads,
      batchSize: options.batchSize,
      batchLingerMs: options.batchLingerMs,
      moduleCacheCapacity: options.moduleCacheCapacity,
      transport: options.transport,
      spinUs: options.spinUs,
      depth: options.depth,
      coalesceUs: options.coalesceUs,
      tier: options.tier,
    },
  };
}

function resolveGuests(guests: unknown, maxMemoryPages: number): ResolvedGuest[] {
  if (typeof guests !== 'object' || guests === null || !canBeRead(guests) || Array.isArray(guests))
    throw expected('guests', 'an object of guests by name', guests);
  const entries = Object.entries(guests as SandboxOptions['guests']);
  if (entries.length === 0)
    throw new SandtuneError('ERR_SANDTUNE_OPTION', 'guests: expected at least one guest, got none');
  return entries.map(([name, guest]) => resolveGuest(name, guest, maxMemoryPages));
}

/** A thread that looks for its next call takes its CPU from another where there is none to spare. */
function defaultSpinUs(threads: number, cpus: number): number {
  return threads < cpus - 1 ? sandboxDefaults.spinUs : 0;
}

const ofMessages = ['batchSize', 'batchLingerMs'] as const;
const ofRings = ['spinUs', 'depth', 'coalesceUs', 'regionBytes'] as const;

/** Batches are of messages: in shared memory each call travels by itself. */
function checkTransport(options: SandboxOptions): TransportOption {
  const isBatched = ofMessages.some((name) => options[name] !== undefined);
  const { transport = isBatched ? 'message' : sandboxDefaults.transport } = options;
  checkOneOf<TransportOption>('transport', transport, transportOptions);
  for (const name of transport === 'ring' ? ofMessages : ofRings) {
    const cause = options.transport === undefined ? 'batchSize and batchLingerMs' : `transport: '${transport}'`;
    if (options[name] !== undefined) throw expected(name, `nothing beside ${cause}`, options[name]);
  }
  return transport;
}

function limitOrInfinity(name: string, value: unknown, min: number, max: number): number {
  return value === undefined || value === Infinity ? Infinity : checkNumber(name, value, { min, max });
}

function checkUrl(name: string, value: unknown): URL | undefined {
  if (value === undefined) return undefined;
  if (!isFileUrl(value)) throw expected(name, 'a file: URL', value);
  return value;
}

/** … and so does a host that is woken for each answer. */
function defaultCoalesceUs(threads: number, cpus: number): number {
  return threads < cpus - 1 ? sandboxDefaults.coalesceUs : 10 * sandboxDefaults.coalesceUs;
}
