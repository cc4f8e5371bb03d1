import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import type { Knob } from '../../../src/contracts.ts';
import { tune } from '../../../tuner/tune.ts';
import { type Faults, misbehaving } from '../../support/misbehaving.ts';
import { betterFromEight, quickOptions, ratedWorld } from '../../support/tuned-world.ts';

type KnobFault = NonNullable<Faults['knob']>;
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const warned = vi.spyOn(process, 'emitWarning');
beforeEach(() => {
  warned.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  warned.mockReset();
});

describe('a request that a knob answers too late', () => {
  const lateFor = (value: number) => {
    const gate = Promise.withResolvers<void>();
    const knob: KnobFault = (real) => ({
      apply: (asked) => (asked === value ? gate.promise.then(() => real.apply(asked)) : real.apply(asked)),
    });
    return { gate, knob };
  };

  it('a value that a knob takes too late does not stay in force, also when that is after stop()', async () => {
    const { gate, knob } = lateFor(8);
    const { tuner, world } = misbehaving({ knob });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ trigger: 'apply failed' });
    await tuner.stop();
    expect(world.settings()).toMatchObject({ size: 1 });
    gate.resolve();
    await turns(10);
    expect(world.applied.filter(([id]) => id === 'size')).toEqual([
      ['size', 8],
      ['size', 1],
    ]);
    expect(world.settings()).toMatchObject({ size: 1 });
  });

  it('what a knob keeps warm a moment after stop() was called is let go when that resolves', async () => {
    let isLetGo = false;
    const stopped = Promise.withResolvers<void>();
    const keepWarm = async () => {
      stopped.resolve(tuner.stop());
      await time.timers.sleep(100);
      return {
        [Symbol.asyncDispose]: async () => {
          isLetGo = true;
        },
      };
    };
    const { tuner, time } = misbehaving({ knob: () => ({ keepWarm }) });
    void tuner.propose({ size: 8 });
    await stopped.promise;
    expect(isLetGo).toBe(true);
  });

  it('a value that a knob takes too late does not stay in force where the executor makes new knobs each time it is asked', async () => {
    const { gate, knob } = lateFor(8);
    const world = ratedWorld({ rate: betterFromEight });
    const [size] = world.executor.knobs as unknown as [Knob<number>];
    const executor = {
      ...world.executor,
      get knobs() {
        return [{ ...size, ...knob(size, () => true) } as unknown as Knob];
      },
    };
    const tuner = tune(executor, { ...quickOptions, surroundings: manualTime(world).surroundings });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ trigger: 'apply failed' });
    await tuner.stop();
    gate.resolve();
    await turns(10);
    expect(world.settings()).toEqual({ size: 1 });
  });

  it('what the owner of a knob sets after the tuner has stopped is left alone by what lands late', async () => {
    const { gate, knob } = lateFor(8);
    const { tuner, world } = misbehaving({ knob });
    await tuner.propose({ size: 8 });
    await tuner.stop();
    gate.promise.then(() => world.executor.knobs[0]?.apply(32 as never)).catch(() => undefined);
    gate.resolve();
    await turns(10);
    expect(world.settings()).toMatchObject({ size: 32 });
  });
});

describe('what goes wrong where nobody waits any more', () => {
  it('what a knob does not let go, and a window that cannot be disposed, are told of in the ledger too', async () => {
    const broken = (): never => {
      throw new Error('stuck');
    };
    const { tuner } = misbehaving({
      knob: () => ({ keepWarm: async () => ({ [Symbol.asyncDispose]: broken }) }),
      open: (real) => ({ cut: () => real.cut(), settledCount: 0, [Symbol.dispose]: broken }),
    });
    await tuner.propose({ size: 8 });
    await tuner.stop();
    expect(tuner.history.notes.map(({ code }) => code).sort()).toEqual(['knob', 'window']);
  });
});
