import { describe, expect, test } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import { usableCpus } from '../../src/foundation/cpus.ts';
import { resolveSurroundings } from '../../src/foundation/surroundings.ts';
import { resolveSandboxOptions } from '../../src/sandbox/options.ts';
import { sweep } from '../../tuner/sweep.ts';
import { tune } from '../../tuner/tune.ts';
import { refusalOf } from '../support/refusal.ts';
import { ratedWorld } from '../support/tuned-world.ts';

const { executor, applied } = ratedWorld({ rate: () => 10_000 });
/** Whatever takes surroundings; each looks at them before it does anything. */
const takers: readonly (readonly [string, (surroundings: object) => unknown])[] = [
  ['wrap(function)', (surroundings) => wrap(async () => 1, { surroundings })],
  ['wrap({ piscina })', (surroundings) => wrap({ piscina: { filename: 'data:,', minThreads: 0 } }, { surroundings })],
  [
    'createSandbox()',
    (surroundings) => resolveSandboxOptions({ guests: { g: { module: new Uint8Array(8) } }, surroundings }),
  ],
  ['tune()', (surroundings) => tune(executor, { stateDir: ':memory:', surroundings })],
];

describe('surroundings', () => {
  test('surroundings that are left out are those of the process, but for those that only a recorder knows', () => {
    expect(resolveSurroundings()).toEqual({
      clock: systemClock,
      timers: systemTimers,
      cpus: expect.any(Function),
      environment: process.env,
      meters: undefined,
      randomSource: undefined,
    });
  });

  test.each([
    [5, 'surroundings: expected an object, got 5'],
    [
      { clokc: systemClock },
      "surroundings: no option 'clokc'; expected clock, timers, meters, cpus, environment, random",
    ],
    [{ clock: {} }, 'surroundings.clock: expected an object with now(), got {}'],
    [{ timers: null }, 'surroundings.timers: expected an object with sleep(), got null'],
    [
      { meters: { heapBytes: () => 1 } },
      'surroundings.meters: expected an object with processCpuMs(), threadCpuMs(), ',
    ],
    [{ cpus: 4 }, 'surroundings.cpus: expected a function that gives a number of CPUs, got 4'],
    [{ randomSource: 0.5 }, 'surroundings.randomSource: expected a function that gives numbers in [0, 1), got 0.5'],
  ])('%j are refused with what was expected and what came', (given, message) => {
    expect(refusalOf(() => resolveSurroundings(given as object))).toContain(`ERR_SANDTUNE_OPTION ${message}`);
  });

  test('CPUs that are none are refused when they are read', () => {
    const { cpus } = resolveSurroundings({ cpus: () => Number.NaN });
    expect(refusalOf(cpus)).toContain('ERR_SANDTUNE_OPTION surroundings.cpus(): expected a finite number');
    expect(resolveSurroundings({ cpus: () => 1.5 }).cpus()).toBe(1.5);
    expect(resolveSurroundings().cpus()).toBe(usableCpus().count);
  });

  test.each(takers)('the surroundings of %s are checked at the boundary', (_, take) => {
    expect(refusalOf(() => take({ clokc: systemClock }))).toMatch(
      /^ERR_SANDTUNE_OPTION surroundings: no option 'clokc'/,
    );
  });

  test('the surroundings of sweep() are checked before anything moves', async () => {
    const objective = { metric: 'throughput', direction: 'maximize' } as const;
    const refused = sweep(executor, { objective, points: [{ size: 2 }], surroundings: { clock: {} } as object });
    await expect(refused).rejects.toThrow(/surroundings\.clock/);
    expect(applied).toEqual([]);
  });
});
