import { describe, expect, it } from 'vitest';
import type { Peer, Step } from '../../../bench/tuner/peer.ts';
import { peerRun } from '../../../bench/tuner/peer-run.ts';
import { concurrency, throughput } from '../../../bench/worlds/catalogue/entry.ts';
import { oracleOf } from '../../../bench/worlds/regimes.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { WorldKnob } from '../../../bench/worlds/spec.ts';
import { usualOf } from '../../../bench/worlds/whole-run.ts';
import type { World } from '../../../bench/worlds/world.ts';
import type { Window } from '../../../src/contracts.ts';

const seen: Window[] = [];
/** Eight at first, then sixteen for good. */
const widens: Peer = {
  name: 'widens',
  about: 'goes to 16 after ten seconds',
  *rule(): Generator<Step, never, Window> {
    seen.push(yield { settings: { concurrency: 8 }, forMs: 10_000 });
    const found = { settings: { concurrency: 16 }, tried: 2 };
    for (;;) seen.push(yield { settings: { concurrency: 16 }, forMs: 10_000, discardMs: 2000, found });
  },
};
const worldOf = (knob: WorldKnob) =>
  createWorld(
    {
      name: 'wider is better',
      knobs: [knob],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }) => ({ perSecond: Number(width) >= 16 ? 2000 : 1000 }),
    },
    1,
  );
function run(world: World) {
  const oracle = oracleOf(throughput, usualOf(world));
  return peerRun(world, widens, { goal: throughput, seed: 1, forMs: 100_000, oracle, bestStatic: { concurrency: 16 } });
}

describe('a run of a peer', () => {
  it('is scored by the truth at what it put in force, and shows it windows without what it discards', async () => {
    seen.length = 0;
    const { whole, finalThird, triedToNearly, curve } = (await run(worldOf(concurrency(8))))!;
    expect(whole).toMatchObject({ ofBest: expect.closeTo(0.95, 6), defaultOfBest: 0.5, staticOfBest: 1, exposed: 0 });
    expect(finalThird.ofBest).toBe(1);
    expect([curve[0], curve[99], triedToNearly]).toEqual([0.5, 1, 2]);
    expect(seen.slice(0, 2).map(({ startMs, endMs }) => endMs - startMs)).toEqual([10_000, 8000]);
    expect(seen[1]?.settings).toEqual({ concurrency: 16 });
  });

  it('goes on with what is in force where a knob refuses', async () => {
    const { whole } = (await run(worldOf({ ...concurrency(8), refuses: (value) => value === 16 })))!;
    expect(whole.ofBest).toBe(0.5);
  });

  it('ends with an error that names a knob that never answers', async () => {
    const world = worldOf(concurrency(8));
    const [knob] = world.executor.knobs;
    const hanging = { ...knob!, apply: () => new Promise<void>(() => {}) };
    await expect(run({ ...world, executor: { ...world.executor, knobs: [hanging] } })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_INPUT',
      message: expect.stringContaining("knob 'concurrency': expected apply(16) to settle without real time"),
    });
  });
});
