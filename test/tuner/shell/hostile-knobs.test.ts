import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Knob } from '../../../src/contracts.ts';
import { replay } from '../../../tuner/replay.ts';
import { bomb, type Faults, isUnderCandidate, misbehaving } from '../../support/misbehaving.ts';
import { entryOf, isRecord, recordsOf } from '../../support/tuned-world.ts';

type KnobFault = NonNullable<Faults['knob']>;
const nothing: unknown = null;
const never = () => new Promise<never>(() => {});
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

/** Faults that begin under the candidate, and whether `size` can come back to its anchor under them. */
const faults: readonly (readonly [string, 'back' | 'away', KnobFault])[] = [
  [
    'whose read() throws',
    'back',
    (knob, isOn) => ({
      read: () => {
        if (isOn()) throw new Error('unreadable');
        return knob.read();
      },
    }),
  ],
  [
    'whose read() gives undefined',
    'back',
    (knob, isOn) => ({ read: () => (isOn() ? (undefined as never) : knob.read()) }),
  ],
  [
    'whose read() gives no number',
    'back',
    (knob, isOn) => ({ read: () => (isOn() ? { requested: Number.NaN, effective: Number.NaN } : knob.read()) }),
  ],
  [
    'whose apply() throws at once',
    'away',
    (knob, isOn) => ({
      apply: (value) => {
        if (isOn()) throw new Error('at once');
        return knob.apply(value);
      },
    }),
  ],
  ['whose apply() hangs', 'away', (knob, isOn) => ({ apply: (value) => (isOn() ? never() : knob.apply(value)) })],
  [
    'whose apply() answers and does nothing',
    'away',
    (knob, isOn) => ({ apply: (value) => (isOn() ? Promise.resolve() : knob.apply(value)) }),
  ],
  [
    'whose apply() does nothing and whose read() tells what was asked for',
    'away',
    (knob, isOn) => {
      let asked: number | null = null;
      return {
        apply: async (value) => {
          if (!isOn()) return knob.apply(value);
          asked = value;
        },
        read: () => (asked === null ? knob.read() : { requested: asked, effective: asked }),
      };
    },
  ],
  [
    'whose apply() rejects with null',
    'away',
    (knob, isOn) => ({ apply: (value) => (isOn() ? Promise.reject(nothing) : knob.apply(value)) }),
  ],
  [
    'whose apply() rejects with what throws when it is looked at',
    'away',
    (knob, isOn) => ({ apply: (value) => (isOn() ? Promise.reject(bomb()) : knob.apply(value)) }),
  ],
  [
    'whose apply() hangs the first time',
    'back',
    (knob, isOn) => {
      let hung = 0;
      return { apply: (value) => (isOn() && hung++ === 0 ? never() : knob.apply(value)) };
    },
  ],
  [
    'whose apply() does it and never answers',
    'back',
    (knob, isOn) => ({
      apply: async (value) => {
        await knob.apply(value);
        if (isOn()) await never();
      },
    }),
  ],
  [
    'that does not let go what it kept warm, and throws',
    'back',
    (_, isOn) => ({
      keepWarm: async () => ({
        [Symbol.asyncDispose]: async () => {
          if (isOn()) throw new Error('kept');
        },
      }),
    }),
  ],
  [
    'that hangs when it lets go what it kept warm',
    'back',
    (_, isOn) => ({ keepWarm: async () => ({ [Symbol.asyncDispose]: () => (isOn() ? never() : Promise.resolve()) }) }),
  ],
];

describe('stop() with a knob that misbehaves under the candidate', () => {
  it.each(faults)('after stop() a knob %s is %s, and every other knob is on its anchor', async (_, end, fault) => {
    const { tuner, world, arm } = misbehaving({ knob: fault });
    const decision = tuner.propose({ size: 8, other: 7 });
    await entryOf(tuner, isUnderCandidate);
    arm();
    const stopped = tuner.stop();
    if (end === 'back') await expect(stopped).resolves.toBeUndefined();
    else await expect(stopped).rejects.toThrow(/size at 8 instead of 1/);
    expect(world.settings()).toEqual({ size: end === 'back' ? 1 : 8, other: 5 });
    await expect(decision).resolves.toMatchObject({ decision: 'revert' });
    expect(replay(tuner.ledger).identical).toBe(true);
    expect(recordsOf(tuner, 'phase').at(-1)).toMatchObject({ phase: 'ended', onAnchor: end === 'back' });
  });
});

describe('a knob that refuses for a while', () => {
  it.each([1, 4, 6, 11])(
    'a knob that refuses to go back %i times is back after stop(), which resolves',
    async (times) => {
      let refused = 0;
      const { tuner, world, arm } = misbehaving({
        knob: (knob, isOn) => ({
          apply: (value) => (isOn() && refused++ < times ? Promise.reject(new Error('busy')) : knob.apply(value)),
        }),
      });
      void tuner.propose({ size: 8 });
      await entryOf(tuner, isUnderCandidate);
      arm();
      await expect(tuner.stop()).resolves.toBeUndefined();
      expect(world.settings()).toEqual({ size: 1, other: 5 });
    },
  );

  it('stop() resolves once what was not back has come back, however late', async () => {
    let refuses = true;
    const { tuner, arm } = misbehaving({
      knob: (knob, isOn) => ({
        apply: (value) => (isOn() && refuses ? Promise.reject(new Error('busy')) : knob.apply(value)),
      }),
    });
    void tuner.propose({ size: 8 });
    await entryOf(tuner, isUnderCandidate);
    arm();
    await expect(tuner.stop()).rejects.toThrow(/size at 8 instead of 1/);
    refuses = false;
    await expect(tuner.stop()).resolves.toBeUndefined();
  });
});

describe('a knob that fails in a trial', () => {
  const refusing: KnobFault = (knob) => ({
    apply: (value) => (value === 8 ? Promise.reject(new Error('no')) : knob.apply(value)),
  });

  it('a knob that fails in a trial is named with its value in the event of the failure, and rests instead of the candidate', async () => {
    const { tuner, world } = misbehaving({ knob: refusing });
    await expect(tuner.propose({ size: 8, other: 7 })).resolves.toMatchObject({ trigger: 'apply failed' });
    await tuner.stop();
    const failures = [...tuner.ledger.read()].flatMap((entry) =>
      entry.kind === 'event' && entry.event.kind === 'failed' ? [entry.event] : [],
    );
    expect(failures).toMatchObject([{ what: 'measure', knobs: [{ id: 'size', value: 8 }] }]);
    expect(recordsOf(tuner, 'knob-rest')).toMatchObject([{ knob: 'size', failures: 1 }]);
    expect(recordsOf(tuner, 'back-off')).toEqual([]);
    expect(world.settings()).toEqual({ size: 1, other: 5 });
  });

  it('of an error of megabytes the beginning is told and written down', async () => {
    const error = new Error(`no room\n${'at somewhere\n'.repeat(300_000)}`);
    const { tuner } = misbehaving({
      knob: (knob) => ({ apply: (value) => (value === 8 ? Promise.reject(error) : knob.apply(value)) }),
    });
    await tuner.propose({ size: 8 });
    await tuner.stop();
    const failures = [...tuner.ledger.read()].flatMap((entry) =>
      entry.kind === 'event' && entry.event.kind === 'failed' ? [entry.event.message] : [],
    );
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/no room\n(at somewhere\n)+.*…$/);
    expect(JSON.stringify([...tuner.ledger.read()]).length).toBeLessThan(1_000_000);
    for (const [text] of warned.mock.calls) expect(String(text).length).toBeLessThan(3_000);
  });

  it('a knob is told to fail once, however often it does', async () => {
    const { tuner } = misbehaving({ knob: refusing });
    await tuner.propose({ size: 8 });
    await tuner.propose({ size: 8 });
    await tuner.stop();
    const told = warned.mock.calls.filter(([, options]) => (options as { code?: string }).code === 'SANDTUNE_KNOB');
    expect(told).toHaveLength(1);
    expect(String(told[0]?.[0])).toContain('no');
    expect(recordsOf(tuner, 'knob-rest').map((one) => one.failures)).toEqual([1, 2]);
  });

  it('a knob that can be neither read nor set keeps no other from being tuned', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const { tuner, world, arm } = misbehaving({
      knob: (knob, isOn) => ({
        apply: (value) => (isOn() ? broken() : knob.apply(value)),
        read: () => (isOn() ? broken() : knob.read()),
      }),
    });
    arm();
    await expect(tuner.propose({ other: 7 })).resolves.toMatchObject({ decision: 'hold', trigger: 'equivalent' });
    await tuner.stop();
    expect(world.settings()).toEqual({ size: 1, other: 5 });
  });
});

describe('an a/a trial', () => {
  it('an a/a trial flips every knob but those that have failed', async () => {
    const { tuner, world, arm } = misbehaving(
      {
        knob: (knob, isOn) => ({ apply: (value) => (isOn() ? Promise.reject(new Error('stuck')) : knob.apply(value)) }),
      },
      { expert: { noisePairs: 6, restMs: 1000, noiseFirst: true } },
    );
    arm();
    await entryOf(tuner, isRecord('noise'));
    expect(recordsOf(tuner, 'not-tried')).toMatchObject([{ code: 'apply-failed' }]);
    expect(new Set(world.applied.map(([id]) => id))).toEqual(new Set(['other']));
    await tuner.stop();
  });
});

describe('keepWarm of a knob', () => {
  it.each<readonly [string, Partial<Knob<number>>]>([
    [
      'throws',
      {
        keepWarm: () => {
          throw new Error('cold');
        },
      },
    ],
    ['hangs', { keepWarm: never }],
    ['gives undefined', { keepWarm: async () => undefined as never }],
    ['gives what cannot be let go', { keepWarm: async () => ({}) as never }],
  ])('keepWarm of a knob that %s ends the trial on the anchor, and blames the knob', async (_, fault) => {
    const { tuner, world } = misbehaving({ knob: () => fault });
    await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'revert', trigger: 'apply failed' });
    await tuner.stop();
    expect(recordsOf(tuner, 'knob-rest')).toMatchObject([{ knob: 'size' }]);
    expect(world.settings()).toEqual({ size: 1, other: 5 });
    expect(replay(tuner.ledger).identical).toBe(true);
  });

  it('what a knob keeps warm after nobody waits for it any more is let go at once', async () => {
    const late = Promise.withResolvers<AsyncDisposable>();
    const { tuner } = misbehaving({ knob: () => ({ keepWarm: () => late.promise }) });
    await tuner.propose({ size: 8 });
    let letGo = 0;
    late.resolve({ [Symbol.asyncDispose]: async () => void letGo++ });
    await turns(3);
    expect(letGo).toBe(1);
    await tuner.stop();
  });
});

describe('an executor that was closed', () => {
  it('an executor that was closed has nothing to return to: stop() resolves', async () => {
    const closed = Object.assign(new Error('closed'), {
      code: 'ERR_SANDTUNE_CLOSED',
      [Symbol.for('sandtune.error')]: true,
    });
    const { tuner, arm } = misbehaving({
      knob: (knob, isOn) => ({ apply: (value) => (isOn() ? Promise.reject(closed) : knob.apply(value)) }),
    });
    tuner.propose({ size: 8 }).catch(() => undefined);
    await entryOf(tuner, isUnderCandidate);
    arm();
    await expect(tuner.stop()).resolves.toBeUndefined();
  });
});
