/** What every world owes the bench: ours, and the one a stranger would write after the README. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noisy, quiet, shared } from '../../../bench/worlds/arms.ts';
import { catalogue, makeWorld } from '../../../bench/worlds/catalogue/catalogue.ts';
import { batched, cached, scalable } from '../../../bench/worlds/laws.ts';
import { loadWorld } from '../../../bench/worlds/load-world.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { measure, measureAll } from '../../../bench/worlds/measure.ts';
import { poolWorld, somePool } from '../../../bench/worlds/pool.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { WorldSpec } from '../../../bench/worlds/spec.ts';
import type { World } from '../../../bench/worlds/world.ts';
import { settledOf } from '../../../src/measure/outcome-counts.ts';
import { effectiveSettings } from '../../../tuner/shell/apply.ts';
import { tune } from '../../../tuner/tune.ts';
import { quickOptions } from '../../support/tuned-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-worlds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const readme = readFileSync(new URL('../../../bench/worlds/README.md', import.meta.url), 'utf8');
const example = fileOf('world.mts', /## One of your own\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
let stranger: (seed: number) => World;
beforeAll(async () => {
  stranger = await loadWorld(example);
});

const closed = (id: string, law: WorldSpec['law']): WorldSpec => ({
  ...quiet,
  name: id,
  knobs: [{ id, defaultValue: 4 }],
  law,
});
const ours: readonly WorldSpec[] = [
  shared,
  poolWorld(somePool(1)),
  closed('cache', cached({ knob: 'cache', rankShares: [0.3, 0.2, 0.2, 0.1, 0.1], hitMs: 0.2, missMs: 2 })),
  closed('concurrency', scalable({ inFlight: 64, perSecond: 100, contention: 0.1, coherency: 0.01 })),
  closed('batchSize', batched({ width: 2, perBatchMs: 2, perCallMs: 0.5 })),
  { ...noisy, name: 'open', load: { kind: 'open', perSecond: 1500 } },
  { ...noisy, name: 'five a second', load: { kind: 'open', perSecond: 5 } },
  { ...noisy, name: 'overloaded', load: { kind: 'open', perSecond: (atMs) => (atMs < 2000 ? 3000 : 1000) } },
];
const worlds: readonly (readonly [string, (seed: number) => World])[] = [
  ['after the README', (seed) => stranger(seed)],
  ...ours.map((spec): [string, (seed: number) => World] => [spec.name, (seed) => createWorld(spec, seed)]),
];
const named = catalogue.map((one): [string, (seed: number) => World] => [one.name, (seed) => makeWorld(one, seed)]);

describe.each([...worlds, ...named])('the world %s', (_, make) => {
  const spans = [1, 40, 250, 3, 500, 1000, 0.5];

  it('a world accounts for every call and every millisecond, however time is cut', () => {
    const { executor, advance } = make(1);
    const [pieces, whole] = [executor.openWindow(), executor.openWindow()];
    const cut = spans.map((ms) => {
      advance(ms);
      return pieces.cut();
    });
    const all = whole.cut();
    expect(all).toMatchObject({ startMs: 0, endMs: spans.reduce((sum, ms) => sum + ms, 0) });
    let [endMs, backlog] = [0, all.backlogAtStart];
    for (const window of [...cut, all]) {
      const settled = settledOf(window.outcomes);
      expect(window.offered + window.backlogAtStart).toBe(settled + window.backlogAtEnd);
      expect(window.latency.count).toBe(window.outcomes.ok);
    }
    for (const window of cut) {
      expect([window.startMs, window.backlogAtStart]).toEqual([endMs, backlog]);
      [endMs, backlog] = [window.endMs, window.backlogAtEnd];
    }
    expect(cut.reduce((sum, { offered }) => sum + offered, 0)).toBe(all.offered);
  });

  it('a world is the same for the same seed, and another for another', async () => {
    const windowsOf = async (seed: number) => {
      const world = make(seed);
      return measureAll(world, effectiveSettings(world.executor.knobs), 5);
    };
    expect(await windowsOf(3)).toEqual(await windowsOf(3));
    expect(await windowsOf(3)).not.toEqual(await windowsOf(4));
  });

  it('a world tells a window in which a knob moved from a steady one', async () => {
    const world = make(1);
    const settings = effectiveSettings(world.executor.knobs);
    using open = world.executor.openWindow();
    expect((await measure(world, settings, { forMs: 100, flip: true })).steady).toBe(true);
    expect(open.cut().steady).toBe(false);
  });
});

it.each(worlds.filter(([name]) => name !== shared.name && name !== 'overloaded'))(
  'the world %s does on the whole what its truth says',
  async (_, make) => {
    const world = make(2);
    const settings = effectiveSettings(world.executor.knobs);
    const [window] = await measureAll(world, settings, 1, { forMs: 400_000 });
    if (!window) throw new Error('no window');
    const { rate, errorFraction } = world.truth(settings, 0);
    expect(window.outcomes.ok / 400 / rate).toBeCloseTo(1, 1);
    expect(errorFraction).toBe(0);
  },
);

it('the backlog of an overloaded world waits, and is served when the load falls', () => {
  const world = createWorld(
    { ...quiet, noise: {}, load: { kind: 'open', perSecond: (at) => (at < 1000 ? 3000 : 1000) } },
    1,
  );
  const windows = Array.from({ length: 40 }, () => {
    using open = world.executor.openWindow();
    world.advance(100);
    return open.cut();
  });
  const backlogAt = (ms: number) => windows[ms / 100 - 1]?.backlogAtEnd ?? Number.NaN;
  expect(Math.abs(backlogAt(1000) - 1000)).toBeLessThan(200);
  expect(Math.abs(backlogAt(1500) - 500)).toBeLessThan(200);
  expect(backlogAt(3000)).toBe(0);
  // The two thousandth call leaves after a second and came when two thirds of it were over; the three
  // thousandth came last of all before the load fell, and waits half a second.
  expect(Math.abs((windows[9]?.latency.maxMs ?? 0) - 333)).toBeLessThan(60);
  expect(Math.abs((windows[14]?.latency.maxMs ?? 0) - 500)).toBeLessThan(90);
  expect(world.truth({ size: 1 }, 500)).toMatchObject({ rate: 2000, p99Ms: Infinity });
});

it('the tuner finds the best setting of the world after the README', async () => {
  const world = stranger(1);
  const { surroundings } = manualTime(world);
  await using tuner = tune(world.executor, { ...quickOptions, surroundings });
  await expect(tuner.propose({ size: 4 })).resolves.toMatchObject({ decision: 'commit' });
  await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert' });
  await tuner.stop();
  expect(effectiveSettings(world.executor.knobs)).toEqual({ size: 4 });
});
