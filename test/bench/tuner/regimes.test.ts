import { describe, expect, it } from 'vitest';
import { concurrency, everyMs, numberKnob, throughput } from '../../../bench/worlds/catalogue/entry.ts';
import { oracleOf } from '../../../bench/worlds/regimes.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { WorldSpec } from '../../../bench/worlds/spec.ts';
import { hump } from '../../../bench/worlds/surfaces.ts';
import { usualOf } from '../../../bench/worlds/whole-run.ts';

const inTurn: WorldSpec = {
  name: 'in turn',
  knobs: [concurrency(8)],
  load: { kind: 'closed', inFlight: 64 },
  law: ({ concurrency: width }, atMs) => ({
    perSecond: (2000 + atMs) * hump(Number(width), Math.floor(atMs / 300_000) % 2 === 0 ? 8 : 48, 2),
  }),
  changes: everyMs(300_000),
};
const ask = (spec: WorldSpec) => {
  const world = createWorld(spec, 1);
  return { world, oracle: oracleOf(throughput, usualOf(world)) };
};

describe('the oracle', () => {
  it('knows the best at each moment, and a regime that returns; a rate that grows for all makes none', () => {
    const { world, oracle } = ask(inTurn);
    const told = [0, 299_999, 300_001, 599_999, 600_001].map((atMs) => oracle.at(world, atMs));
    expect(told.map(({ number }) => number)).toEqual([0, 0, 1, 1, 0]);
    expect(told.map(({ best }) => Number(best['concurrency']))).toEqual([8, 8, 48, 48, 8]);
  });

  it('gives the best setting in hindsight that never changes: one between, or that of the longer regime', () => {
    const { world, oracle } = ask(inTurn);
    const between = Number(oracle.bestStatic(world, 600_000)['concurrency']);
    expect(between).toBeGreaterThan(10);
    expect(between).toBeLessThan(40);
    expect(oracle.bestStatic(world, 330_000)['concurrency']).toBeLessThan(12);
  });

  it('finds the best of one knob to the last step, also where it lies between those looked at first', () => {
    const { world, oracle } = ask({
      ...inTurn,
      law: ({ concurrency: width }) => ({ perSecond: 2000 * hump(Number(width), 101, 1) }),
    });
    expect(oracle.at(world, 0).best).toEqual({ concurrency: 101 });
  });

  it('finds a knob that only matters under another’s value', () => {
    const { world, oracle } = ask({
      ...inTurn,
      knobs: [{ id: 'on', defaultValue: false, domain: [false, true] }, numberKnob('size', 2)],
      law: ({ on, size }) => ({ perSecond: on === true ? 900 + 800 * hump(Number(size), 40, 1.5) : 1000 }),
    });
    expect(oracle.at(world, 0).best).toMatchObject({ on: true });
  });
});
