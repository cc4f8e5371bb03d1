/** Whole runs of `tune()` in worlds of the catalogue: what must hold of any run, whatever the world does. */
import { describe, expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../bench/worlds/whole-run.ts';
import type { World } from '../../bench/worlds/world.ts';
import type { Executor, OpenWindow, Window } from '../../src/contracts.ts';

const run = (world: World, name: string, forMs = 120_000) =>
  wholeRun(world, { goal: worldNamed(name).goal, seed: 1, forMs });

const few = [
  'pool-waiting',
  'batching-bursty',
  'cache-loop',
  'joint-3',
  'slo-cliff',
  'null-gc',
  'shift-at-cadence',
  'harm-rare-8',
  'harm-hidden-by-load',
  'slow-20',
  'knob-lies',
];

it.each(few)('a whole run in %s loses no call, ends on its anchor, and exposes few calls', async (name) => {
  const world = makeWorld(worldNamed(name), 1);
  const { broken, whole, trials } = await run(world, name);
  expect(broken).toEqual([]);
  // Where the best moves with every window, each setting is below another half of the time: what it all came to counts.
  if (name === 'shift-at-cadence') expect(whole.ofDefault).toBeGreaterThan(0.98);
  else expect(whole.exposed).toBeLessThanOrEqual(0.05);
  expect(trials).toBeGreaterThan(0);
  expect(world.warm()).toBe(0);
});

it('a whole run finds what a model knows to look for, and is no worse off for the looking', async () => {
  const { finalThird, moved } = await run(makeWorld(worldNamed('cache-loop'), 1), 'cache-loop', 240_000);
  expect(moved).toBeGreaterThan(0);
  expect(finalThird.ofDefault).toBeGreaterThan(3);
  expect(finalThird.ofBest).toBeGreaterThan(0.9);
});

it('a whole run of the same world and seed is the same, and of a null keeps the default', async () => {
  const [first, second] = [1, 2].map(() => run(makeWorld(worldNamed('null-static'), 4), 'null-static'));
  expect(await first).toEqual(await second);
  expect(await first).toMatchObject({ moved: 0, end: { concurrency: 8 }, whole: { ofBest: expect.closeTo(1, 1) } });
});

describe('what does not hold of a run', () => {
  /** The world with another executor. */
  const withExecutor = (change: (executor: Executor) => Partial<Executor>): World => {
    const { executor, truth, advance } = makeWorld(worldNamed('null-static'), 1);
    return { executor: { ...executor, ...change(executor) }, truth, advance };
  };
  const withWindows = (change: (window: Window) => Window) =>
    withExecutor(({ openWindow }) => ({
      openWindow: (): OpenWindow => {
        const opened = openWindow();
        return {
          cut: () => change(opened.cut()),
          get settledCount() {
            return opened.settledCount;
          },
          [Symbol.dispose]: () => opened[Symbol.dispose](),
        };
      },
    }));

  it('a run in which calls are lost says so', async () => {
    const world = withWindows((window) => ({ ...window, offered: window.offered + 1 }));
    expect((await run(world, 'null-static', 20_000)).broken).toContain('calls were lost or made up');
  });

  it('a run whose knob moves by itself before its end says where it ended, and where it should have', async () => {
    let [nowMs, isOver] = [0, false];
    const { executor, truth, advance } = withExecutor(({ knobs }) => ({
      knobs: knobs.map((knob) => ({
        ...knob,
        read: () => (isOver ? { requested: 9, effective: 9 } : knob.read()),
      })),
    }));
    const world: World = {
      executor,
      truth,
      advance: (ms) => {
        nowMs += ms;
        isOver = nowMs >= 20_000;
        advance(ms);
      },
    };
    const { broken } = await run(world, 'null-static', 20_000);
    expect(broken).toContain('it ended on {"concurrency":9}, not on {"concurrency":8}');
    expect(broken).toContain('nothing was kept, and it ended on {"concurrency":9}, not where it began');
    expect(broken).toContainEqual(expect.stringMatching(/^the tuner did not end on its anchor: .*at 9 instead of 8/));
  });

  it('what a world throws ends the run with it', async () => {
    const { executor, truth, advance } = makeWorld(worldNamed('null-static'), 1);
    let nowMs = 0;
    const world: World = {
      executor,
      truth,
      advance: (ms) => {
        nowMs += ms;
        if (nowMs > 5000) throw new Error('out of data');
        advance(ms);
      },
    };
    await expect(run(world, 'null-static')).rejects.toThrow('out of data');
  });
});
