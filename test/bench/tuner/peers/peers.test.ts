import { describe, expect, it } from 'vitest';
import type { Peer } from '../../../../bench/tuner/peer.ts';
import { type PeerRun, peerRun } from '../../../../bench/tuner/peer-run.ts';
import { aimd } from '../../../../bench/tuner/peers/aimd.ts';
import { applyAndCompare } from '../../../../bench/tuner/peers/apply-and-compare.ts';
import { coordinateSweep } from '../../../../bench/tuner/peers/coordinate-sweep.ts';
import { gradient2 } from '../../../../bench/tuner/peers/gradient2.ts';
import { hillClimbing } from '../../../../bench/tuner/peers/hill-climbing.ts';
import { openOptuna, optuna } from '../../../../bench/tuner/peers/optuna.ts';
import { peers } from '../../../../bench/tuner/peers/peers.ts';
import { pidOnCpu } from '../../../../bench/tuner/peers/pid-on-cpu.ts';
import { pythonWith } from '../../../../bench/tuner/peers/python.ts';
import { randomSearch } from '../../../../bench/tuner/peers/random-search.ts';
import { throughputClimbing } from '../../../../bench/tuner/peers/throughput-climbing.ts';
import { vegas } from '../../../../bench/tuner/peers/vegas.ts';
import { concurrency, numberKnob, throughput } from '../../../../bench/worlds/catalogue/entry.ts';
import { oracleOf } from '../../../../bench/worlds/regimes.ts';
import { createWorld } from '../../../../bench/worlds/simulated.ts';
import type { WorldSpec } from '../../../../bench/worlds/spec.ts';
import { hump } from '../../../../bench/worlds/surfaces.ts';
import { usualOf } from '../../../../bench/worlds/whole-run.ts';

async function runIn(spec: WorldSpec, peer: Peer, forMs = 900_000): Promise<PeerRun> {
  const first = createWorld(spec, 1);
  const oracle = oracleOf(throughput, usualOf(first));
  const bestStatic = oracle.bestStatic(first, forMs);
  const run = await peerRun(createWorld(spec, 1), peer, { goal: throughput, seed: 1, forMs, oracle, bestStatic });
  if (run === null) throw new Error(`expected ${peer.name} to steer ${spec.name}`);
  return run;
}

/** Ten calls a second for each of the first 40 at once, and no more after these; they all take 100 ms then. */
const widening: WorldSpec = {
  name: 'widening',
  knobs: [concurrency(4)],
  load: { kind: 'closed', inFlight: 256 },
  law: ({ concurrency: width }) => ({ perSecond: 10 * Math.min(40, Number(width)) }),
  noise: { sigma: 0.01 },
};

const peak: WorldSpec = {
  ...widening,
  name: 'peak',
  law: ({ concurrency: width }) => ({ perSecond: 2000 * hump(Number(width), 24, 2) }),
};

const space: WorldSpec = {
  name: 'space',
  knobs: [numberKnob('size', 4), { id: 'way', defaultValue: 'copy', domain: ['copy', 'share', 'map'] }],
  load: { kind: 'closed', inFlight: 64 },
  law: ({ size, way }) => ({ perSecond: 1500 * hump(Number(size), 32, 2) * (way === 'share' ? 1.5 : 1) }),
  noise: { sigma: 0.01 },
};

describe('a peer finds an easy best setting of its kind', () => {
  it.each([applyAndCompare, randomSearch, coordinateSweep])('$name finds the best of two knobs', async (peer) => {
    const { finalThird } = await runIn(space, peer);
    expect(finalThird.defaultOfBest).toBeLessThan(0.5);
    expect(finalThird.ofBest).toBeGreaterThan(0.93);
  });

  it('hill-climbing finds the top of a hill, where a limit that only grows would have passed it', async () => {
    const { finalThird } = await runIn(peak, hillClimbing, 300_000);
    expect(finalThird.defaultOfBest).toBeLessThan(0.5);
    expect(finalThird.ofBest).toBeGreaterThan(0.9);
  });

  it.each([gradient2, vegas, aimd, throughputClimbing])(
    '$name lets through as many as gain anything, from a tenth of them',
    async (peer) => {
      const { finalThird } = await runIn(widening, peer);
      expect(finalThird.defaultOfBest).toBeCloseTo(0.1, 2);
      expect(finalThird.ofBest).toBeGreaterThan(0.95);
    },
  );

  it.each([gradient2, vegas])('$name does not let through many more than gain anything', async (peer) => {
    const widest = {
      ...widening,
      law: ({ concurrency: width }) => ({
        perSecond: 10 * Math.min(40, Number(width)) * (Number(width) > 100 ? 0.5 : 1),
      }),
    } satisfies WorldSpec;
    expect((await runIn(widest, peer)).finalThird.ofBest).toBeGreaterThan(0.95);
  });

  it('aimd lets fewer through where calls are lost', async () => {
    const losing: WorldSpec = {
      ...widening,
      law: ({ concurrency: width }) => ({
        perSecond: 10 * Math.min(40, Number(width)) * (Number(width) > 48 ? 0.5 : 1),
        lostPerSecond: Number(width) > 48 ? 5 : 0,
      }),
    };
    expect((await runIn(losing, aimd)).finalThird.ofBest).toBeGreaterThan(0.9);
  });

  it('pid-on-cpu brings the CPU to four fifths of what there is', async () => {
    const cpus = 8;
    const used: number[] = [];
    const world = createWorld(
      {
        ...widening,
        cpus: () => cpus,
        law: ({ concurrency: width }) => {
          const busy = Math.min(cpus, Number(width) / 4);
          used.push(busy / cpus);
          return {
            perSecond: 100 * busy,
            work: { fill: 1, busyFraction: 1, batchMs: 0, executeMs: 0, hostMs: 0, workerMs: 1000 * busy },
          };
        },
      },
      1,
    );
    const oracle = oracleOf(throughput, usualOf(world));
    await peerRun(world, pidOnCpu, { goal: throughput, seed: 1, forMs: 600_000, oracle, bestStatic: usualOf(world) });
    const { read } = world.executor.knobs[0]!;
    expect(used[0]).toBeCloseTo(1 / 8, 5);
    expect(Number(read().effective) / 4 / cpus).toBeGreaterThan(0.7);
    expect(Number(read().effective) / 4 / cpus).toBeLessThan(0.9);
  });

  it('optuna finds the best of two knobs, and tells how many settings it tried', async ({ skip }) => {
    const python = await pythonWith('optuna');
    if (python === null) return skip('python3-optuna is not installed');
    await using program = openOptuna(python);
    const { finalThird, triedToNearly } = await runIn(
      space,
      optuna((question) => program.ask(question)),
    );
    expect(finalThird.ofBest).toBeGreaterThan(0.95);
    expect(triedToNearly).toBeGreaterThan(1);
  });
});

it('every peer has a name of its own', () => {
  expect(new Set(peers.map(({ name }) => name)).size).toBe(peers.length);
});

it('a limiter sits out where no knob is a number', () => {
  const world = createWorld({ ...space, knobs: [space.knobs[1]!], law: () => ({ perSecond: 1000 }) }, 1);
  const service = {
    knobs: world.executor.knobs,
    usual: usualOf(world),
    valueOf: () => 1,
    cpus: 1,
    random: () => 0.5,
    seed: 1,
  };
  for (const peer of [aimd, gradient2, vegas, throughputClimbing, pidOnCpu, hillClimbing])
    expect(peer.rule(service)).toBeNull();
  for (const peer of [randomSearch, coordinateSweep, applyAndCompare]) expect(peer.rule(service)).not.toBeNull();
});
