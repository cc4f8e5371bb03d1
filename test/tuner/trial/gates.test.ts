import { describe, expect, it } from 'vitest';
import { batched } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { report } from '../../../exporters/index.ts';
import type { OptionChange, SessionEntry } from '../../../tuner/entries/entries.ts';
import { expertKeys } from '../../../tuner/expert-options.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import type { DesignFacts } from '../../../tuner/trial/design.ts';
import { refuse } from '../../../tuner/trial/gates.ts';
import { tune } from '../../../tuner/tune.ts';
import { SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { recordsOf } from '../../support/tuned-world.ts';
import { windowOf } from './build-window.ts';

/** One session over a function that takes batches: what a gate said of the first prediction, and whether it was tried. */
async function session(options: TuneOptions, sigma = 0.05) {
  const world = createWorld(
    {
      name: 'batches',
      knobs: [{ id: 'batchSize', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 256 },
      law: batched({ width: 2, perBatchMs: 0.5, perCallMs: 0.05 }),
      noise: { sigma },
    },
    3,
  );
  const time = manualTime(world);
  const expert = { windowMs: 100, baselineWindows: 8, noisePairs: 0, restMs: 60_000, ...options.expert };
  const tuner = tune(world.executor, {
    maximize: 'throughput',
    subjectTo: ['errors < 5%'],
    mode: 'auto',
    stateDir: ':memory:',
    seed: 5,
    ...options,
    expert,
    surroundings: time.surroundings,
  });
  await Promise.race([tuner.settled(), time.timers.sleep(10_000)]);
  const refused = recordsOf(tuner, 'not-tried').find((one) => one.refused);
  const tried = recordsOf(tuner, 'trial').filter((one) => one.purpose === 'candidate').length;
  const data = report(tuner.ledger).data;
  await tuner[Symbol.asyncDispose]();
  return { refused, tried, data };
}

function allowing(options: TuneOptions, changes: readonly OptionChange[]): TuneOptions {
  const isExpert = ({ option }: OptionChange) => (expertKeys as readonly string[]).includes(option);
  const of = (some: readonly OptionChange[]) => Object.fromEntries(some.map(({ option, value }) => [option, value]));
  return {
    ...options,
    ...of(changes.filter((one) => !isExpert(one))),
    expert: { ...options.expert, ...of(changes.filter(isExpert)) },
  };
}

describe('a prediction that a start gate refuses', () => {
  it.each<[string, TuneOptions, number?]>([
    ['needs more time than there is', { maxDurationMs: 1000 }],
    ['needs more time than there is at this noise', { maxDurationMs: 5000 }, 0.8],
    ['has a guardrail that cannot be judged in time', { subjectTo: ['p99.9 within 1%'], maxDurationMs: 10_000 }],
  ])('a prediction that %s is tried under the options that its refusal names', async (_, options, sigma) => {
    const { refused, tried } = await session(options, sigma);
    const allow = refused?.refused?.allow;
    if (!allow) return expect.fail(`not refused, or not to be allowed: ${JSON.stringify(refused)}`);
    expect(tried).toBe(0);
    expect((await session(allowing(options, allow), sigma)).tried).toBeGreaterThan(0);
  });

  it('a small and unlikely gain passes under the two options that its refusal names, and under neither alone', () => {
    const [entry] = new SampleSession({ tune: { mode: 'confirm' } }).entries;
    const session = entry as SessionEntry;
    const facts: DesignFacts = {
      session,
      current: sampleStart,
      reference: { windows: Array.from({ length: 8 }, () => windowOf()), sigmaD: 0.01, cpus: 2 },
      spent: [],
      nextTrial: 1,
    };
    const predicted = {
      gain: { estimate: 0.02, low: -0.01, high: 0.05, level: 0.8 },
      pGain: 0.7,
      risk: 'low',
      model: 'm',
    } as const;
    const under = (options: object) =>
      refuse(
        { ...facts, session: { ...session, options: { ...session.options, ...options } } },
        0,
        { ...sampleStart, batchSize: 8 },
        predicted,
      );
    const first = under({});
    expect(first?.code).toBe('small-gain');
    expect(first?.refused.allow).toEqual([
      { option: 'minGain', value: 0.019 },
      { option: 'minProbability', value: 0.699 },
    ]);
    expect(under({ minGain: 0.019, minProbability: 0.699 })).toBeNull();
    expect(under({ minGain: 0.019 })?.code).toBe('unlikely-gain');
    expect(under({ minProbability: 0.699 })?.code).toBe('small-gain');
  });

  it('a gain is asked for as its model said it, whatever is believed of the model', () => {
    const [entry] = new SampleSession({ tune: { mode: 'confirm' } }).entries;
    const facts: DesignFacts = {
      session: entry as SessionEntry,
      current: sampleStart,
      reference: { windows: Array.from({ length: 8 }, () => windowOf()), sigmaD: 0.01, cpus: 2 },
      spent: [],
      nextTrial: 1,
    };
    const around = (estimate: number) => ({ estimate, low: estimate - 0.01, high: estimate + 0.01, level: 0.8 });
    const of = (believed: number, said: number) =>
      refuse(
        facts,
        0,
        { ...sampleStart, batchSize: 8 },
        {
          gain: around(believed),
          said: around(said),
          pGain: 0.99,
          risk: 'low',
          model: 'm',
        },
      );
    expect(of(0.02, 0.3)).toBeNull();
    expect(of(0.3, 0.02)).toMatchObject({ code: 'small-gain', refused: { predicted: { gain: around(0.02) } } });
  });

  it('a cheaper setting that promises much is not refused because too much noise hides that it loses nothing', () => {
    const [entry] = new SampleSession({ tune: { mode: 'confirm' } }).entries;
    const session = entry as SessionEntry;
    const facts: DesignFacts = {
      session,
      current: { ...sampleStart, threads: 4 },
      reference: { windows: Array.from({ length: 8 }, () => windowOf()), sigmaD: 0.2, cpus: 2 },
      spent: [],
      nextTrial: 1,
    };
    const promising = (estimate: number) => ({
      gain: { estimate, low: estimate - 0.01, high: estimate + 0.01, level: 0.8 },
      pGain: 0.99,
      risk: 'low' as const,
      model: 'm',
    });
    const fewer = { ...sampleStart, threads: 1 };
    expect(refuse(facts, 0, fewer, promising(0.7))).toBeNull();
    expect(refuse(facts, 0, fewer, promising(0))?.code).toBe('too-long');
  });
  it('a refusal heads the report with what the setting looks like, why it was not tried, and what to write', async () => {
    const { data } = await session({ maxDurationMs: 1000 });
    expect(data.verdict.kind).toBe('refused');
    expect(data.verdict.line).toMatch(
      /batchSize \d+ looks \d+ % better \(predicted, .*\); not tried, because \d+ s would be needed, maxDurationMs is 1000; to allow it: tune\(executor, \{ maxDurationMs: \d+000.* \}\)\.$/,
    );
    expect(data.recommendations[0]?.reason).toContain('not tried, because');
    expect(data.recommendations[0]?.evidence).toContain('to allow it: tune(executor, { maxDurationMs: ');
  });
});
