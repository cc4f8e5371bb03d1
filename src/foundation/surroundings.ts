/**
 * What the process gives to what measures and tunes: time, chance, readings of its CPU, the CPUs that
 * it may use, its variables. `wrap()`, `createSandbox()`, `tune()` and `sweep()` take them as their option
 * `surroundings`, each what it needs of them. It is there for tests and simulators; everybody else
 * leaves it out and gets the real ones.
 */
import { type Clock, systemClock, systemTimers, type Timers } from './clock.ts';
import { usableCpus } from './cpus.ts';
import { checkFunction } from './foreign-values.ts';
import { checkKeys, checkNumber, expected, reading } from './options.ts';
import type { RandomSource } from './random.ts';

/** Cumulative readings, except those of memory, which are now. */
export interface Meters {
  /** User and system time of every thread of the process, ms. */
  processCpuMs(): number;
  /** User and system time of the calling thread, ms; 0 where Node cannot say (before 23.9). */
  threadCpuMs(): number;
  /** Time CPUs of the machine had nothing to do, summed over all of them, ms; NaN where the system does not say. */
  idleCpuMs(): number;
  /** Bytes of this thread's heap in use and of what it holds outside (array buffers). */
  heapBytes(): number;
  /** Bytes of memory that the whole process holds: its resident set, worker threads and guests included. */
  rssBytes(): number;
}

/** As `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  /** A sandbox's must tick like `performance`, which its workers use. @defaultValue the system's, whose Unix time follows every step */
  readonly clock?: Clock;
  /** @defaultValue the system's, which do not keep the process alive */
  readonly timers?: Timers;
  /** @defaultValue those of this process and machine */
  readonly meters?: Meters;
  /** CPUs that this process may use now, above 0; may be fractional. Read with each window. @defaultValue of its affinity and of its control groups */
  readonly cpus?: () => number;
  /** @defaultValue process.env */
  readonly environment?: EnvironmentVariables;
  /** Chooses the calls that get a span. @defaultValue a stream seeded by the executor's name */
  readonly randomSource?: RandomSource;
}

/** What was given, with defaults, but for meters and random source: those of a recorder depend on the recorder. */
export interface ResolvedSurroundings
  extends Required<Pick<Surroundings, 'clock' | 'timers' | 'cpus' | 'environment'>> {
  readonly meters: Meters | undefined;
  readonly randomSource: RandomSource | undefined;
}

const methods = {
  clock: ['now'],
  timers: ['sleep'],
  meters: ['processCpuMs', 'threadCpuMs', 'idleCpuMs', 'heapBytes', 'rssBytes'],
} as const satisfies { readonly [key in keyof Surroundings]?: readonly string[] };

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION naming `surroundings.<what>` */
export function resolveSurroundings(given: Surroundings = {}): ResolvedSurroundings {
  return reading('surroundings', 'an object', given, () => readSurroundings(given));
}

function readSurroundings(given: Surroundings): ResolvedSurroundings {
  if (typeof given !== 'object' || given === null) throw expected('surroundings', 'an object', given);
  checkKeys('surroundings', given, [...Object.keys(methods), 'cpus', 'environment', 'randomSource']);
  for (const [name, wanted] of Object.entries(methods)) {
    const one: unknown = given[name as keyof typeof methods];
    if (one === undefined) continue;
    const has = (method: string) => typeof (one as Readonly<Record<string, unknown>> | null)?.[method] === 'function';
    if (!wanted.every(has)) throw expected(`surroundings.${name}`, `an object with ${wanted.join('(), ')}()`, one);
  }
  const { clock = systemClock, timers = systemTimers, meters, environment = process.env, randomSource } = given;
  const { cpus = () => usableCpus().count } = given;
  checkFunction('surroundings.cpus', cpus, 'a function that gives a number of CPUs');
  if (typeof environment !== 'object' || environment === null)
    throw expected('surroundings.environment', 'an object of variables', environment);
  if (randomSource !== undefined)
    checkFunction('surroundings.randomSource', randomSource, 'a function that gives numbers in [0, 1)');
  return {
    clock,
    timers,
    meters,
    cpus: () => checkNumber('surroundings.cpus()', cpus(), { min: 0.01 }),
    environment,
    randomSource,
  };
}
