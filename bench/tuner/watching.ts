/**
 * What is watched outside of trials, and what that costs: how soon a broken limit is said in each mode, how often
 * nothing is taken for something, and how long audits hold calls at the default. Where a guard keeps a figure small,
 * the same runs without the guard stand beside it, and must miss its target.
 */

import type { Settings } from '../../src/contracts.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { tune } from '../../tuner/tune.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { worldNamed } from '../worlds/catalogue/catalogue.ts';
import { meanLatency, numberKnob, usualNoise } from '../worlds/catalogue/entry.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import { type Tune, tunerWithout } from './tuner-without.ts';
import { timedOf, type WatchedRun, watchedRun } from './watched-run.ts';

export const watching: Group = {
  about: 'how soon a broken limit is said in each mode, how often nothing is taken for something, what audits cost',
  run: async (options) => [
    ...(await brokenFigures(options)),
    ...(await quietFigures(options)),
    ...(await dayFigures(options)),
  ],
};

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const candidate: Settings = { concurrency: 16 };
const without = 'without-the-guard';

const seedsOf: Readonly<Record<SuiteLength, number>> = {
  quick: 3,
  full: 20,
  long: 100,
};
const daysOf: Readonly<Record<SuiteLength, number>> = { quick: 0.05, full: 1, long: 5 };

/** The runs of each seed, whole and, where a fault takes the guard out, without it. */
async function bothWays<T>(fault: string | null, one: (tuneIn: Tune) => Promise<T>) {
  const whole = await one(tune);
  if (fault === null) return { whole, crippled: null };
  await using copy = await tunerWithout(fault);
  return { whole, crippled: await one(copy.tune) };
}

// ---------------------------------------------------------------- limits

/** A service of 2,000 calls/s, exponential in its latency, at a share of its limit of p99 that may change. */
function limited(share: (atMs: number) => number, changesMs: number): WorldSpec {
  // p99 of an exponential distribution is ln 100 of its means.
  const meanAt = (atMs: number) => (limitMs * share(atMs)) / Math.log(100);
  return {
    name: 'limited',
    knobs: [numberKnob('concurrency', 8, { unit: 'calls' })],
    load: { kind: 'open', perSecond: 2000 },
    law: ({ concurrency }, atMs) => ({
      perSecond: 20_000,
      latencyMs: meanAt(atMs) * (Number(concurrency) >= 16 ? 0.9 : 1),
    }),
    noise: usualNoise,
    changes: (afterMs) => (afterMs < changesMs ? changesMs : Infinity),
  };
}
const limitMs = 50;
const subjectTo = [`p99 < ${limitMs}ms`];
const modes = ['observe', 'advise', 'confirm', 'auto'] as const;
/** The limit breaks somewhere within the first minutes: in a reference, an a/a trial, a trial, a hold-back, a rest. */
const breakFromMs = 30_000;
const breakStepMs = 7300;

async function brokenFigures({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const mode of modes) {
    progress(`a limit that breaks in mode ${mode}`);
    const windows = async (tuneIn: Tune) => {
      const told: number[] = [];
      for (let i = 0; i < seedsOf[length]; i++) {
        const breakMs = breakFromMs + i * breakStepMs;
        const world = createWorld(
          limited((atMs) => (atMs < breakMs ? 0.8 : 1.5), breakMs),
          seed + i,
        );
        const options: TuneOptions = {
          mode,
          seed: seed + i,
          ...meanLatency,
          subjectTo,
        };
        const proposal = mode === 'confirm' || mode === 'auto' ? candidate : undefined;
        const forMs = breakMs + 120_000;
        const run = await watchedRun({
          world,
          tune: tuneIn,
          options,
          forMs,
          ...(proposal && { proposal }),
          ...(signal && { signal }),
        });
        told.push(windowsUntilSaid(run, breakMs));
      }
      return told;
    };
    const fault = mode === 'auto' ? 'limits are not read while settings are compared' : null;
    const { whole, crippled } = await bothWays(fault, windows);
    figures.push({
      name: `guardrail_broken_to_said_windows_p99.${mode}`,
      unit: 'windows at the setting in force',
      better: 'lower',
      targets: [{ op: '<=', value: 2, on: 'value' }],
      value: p99Of(whole),
      samples: whole.length,
      ...(crippled && { peers: { [without]: p99Of(crippled) } }),
    });
  }
  return figures;
}

/** Whole windows from the break to the record; Infinity where it never came. */
function windowsUntilSaid(run: WatchedRun, breakMs: number): number {
  const said = timedOf(run, 'limit').find(({ atMs, record }) => record.is === 'broken' && atMs >= breakMs);
  const until = said?.atMs ?? Infinity;
  return run.windows.filter(({ startMs, endMs }) => startMs >= breakMs && endMs <= until + 1).length;
}

function p99Of(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? Number.NaN;
}

/** What moves the latency itself from one moment to the next, with a mean that leaves the limit four fifths used. */
const quiets: Readonly<Record<string, (seed: number) => (atMs: number) => number>> = {
  white: () => () => 0.8,
  /** A tenth up and down by chance, within seconds. */
  drifting: (seed) => {
    const step = slots(1000, (at, before) => {
      const kept = Math.exp(-1000 / 20_000);
      return kept * before + 0.1 * Math.sqrt(1 - kept * kept) * gaussian(randomStream(seed, `drift ${at}`));
    });
    return (atMs) => 0.8 * Math.exp(step(atMs));
  },
  /** Twice as slow for most of a second, once a minute. */
  bursts: (seed) => {
    const step = slots(800, (at) => (randomStream(seed, `burst ${at}`)() < 800 / 60_000 ? 2 : 1));
    return (atMs) => 0.8 * step(atMs);
  },
  /**
   * Seven tenths slower for five seconds in forty: of such slots alone twice as many calls as may are beyond the limit,
   * and of all calls a hundredth takes four fifths of it.
   */
  clumps: (seed) => {
    const step = slots(5000, (at) => (randomStream(seed, `clump ${at}`)() < 1 / 8 ? 1.7 : 1));
    return (atMs) => 0.695 * step(atMs);
  },
};

/** A value for each slot of time, made of the one before. */
function slots(lengthMs: number, next: (slot: number, before: number) => number): (atMs: number) => number {
  const values: number[] = [];
  return (atMs) => {
    const slot = Math.floor(atMs / lengthMs);
    while (values.length <= slot) values.push(next(values.length, values.at(-1) ?? 0));
    return values[slot] as number;
  };
}

async function quietFigures({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, share] of Object.entries(quiets)) {
    progress(`a limit of which four fifths are used, ${name}`);
    const days = daysOf[length];
    const alarms = async (tuneIn: Tune) => {
      const world = createWorld(limited(share(seed), Infinity), seed);
      const options: TuneOptions = {
        mode: 'observe',
        seed,
        ...meanLatency,
        subjectTo,
      };
      const run = await watchedRun({
        world,
        tune: tuneIn,
        options,
        forMs: days * dayMs,
        ...(signal && { signal }),
      });
      return timedOf(run, 'limit').filter(({ record }) => record.is === 'broken').length / days;
    };
    const fault = name === 'clumps' ? 'a limit that is just kept rings as often as chance breaks it' : null;
    const { whole, crippled } = await bothWays(fault, alarms);
    figures.push({
      name: `guardrail_false_alarms_per_day.${name}`,
      unit: 'a day at four fifths of the limit',
      better: 'lower',
      targets: [{ op: '<=', value: 2, on: 'value' }],
      value: whole,
      samples: 1,
      ...(crippled !== null && { peers: { [without]: crippled } }),
    });
  }
  return figures;
}

// ---------------------------------------------------------------- what watching costs

/** Days in which nothing shifts but what goes with the hour, or by chance. */
const days = ['null-diurnal', 'null-drifting', 'null-bursty', 'null-gc'] as const;

async function dayFigures({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const spanDays = daysOf[length];
  for (const name of length === 'long' ? days : days.slice(0, 2)) {
    progress(`a day of ${name}`);
    const { goal } = worldNamed(name);
    const price = async (tuneIn: Tune) => {
      const world = createWorld(moved(name, seed), seed);
      const options: TuneOptions = { mode: 'auto', seed, ...goal };
      return watchedRun({
        world,
        tune: tuneIn,
        options,
        forMs: spanDays * dayMs,
        proposal: candidate,
        ...(signal && { signal }),
      });
    };
    const whole = await price(tune);
    const target = { op: '<=', on: 'value' } as const;
    figures.push(
      {
        name: `false_wakes_per_day.${name}`,
        unit: 'a day',
        better: 'lower',
        targets: [{ ...target, value: 2 }],
        value: timedOf(whole, 'shift').length / spanDays,
        samples: 1,
      },
      {
        name: `audit_seconds_per_day.${name}`,
        unit: 's a day',
        better: 'lower',
        targets: [{ ...target, value: 300 }],
        value: auditMs(whole) / secondMs / spanDays,
        samples: 1,
      },
    );
  }
  return figures;
}

/** Another setting than the default is proven at once, so that there is something to audit. */
function moved(name: string, seed: number): WorldSpec {
  const { law, ...spec } = worldNamed(name).spec(seed);
  return {
    ...spec,
    name: `${name} moved`,
    law: (settings, atMs, past) => {
      const service = law(settings, atMs, past);
      return {
        ...service,
        perSecond: service.perSecond * (Number(settings['concurrency']) >= 16 ? 1.3 : 1),
      };
    },
  };
}

/** Time of the audits, from the seal of each to its decision. */
function auditMs(run: WatchedRun): number {
  const decisions = timedOf(run, 'decision');
  return timedOf(run, 'sealed')
    .filter(({ record }) => record.by === 'audit')
    .reduce((sum, { atMs, record }) => {
      const end = decisions.find((one) => one.record.trial === record.trial);
      return sum + (end ? end.atMs - atMs : 0);
    }, 0);
}
