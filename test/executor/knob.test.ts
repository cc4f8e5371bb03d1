import { describe, expect, it } from 'vitest';
import type { Knob, Settings, SettingValue } from '../../src/contracts.ts';
import { atOnce, createKnobs, executorSpec, type KnobParts } from '../../src/executor/knob.ts';

/** A knob over a variable. */
function part<V extends SettingValue>(id: string, domain: KnobParts<V>['spec']['domain'], defaultValue: V) {
  const current = { value: defaultValue };
  const parts: KnobParts<V> = {
    spec: executorSpec({ id, domain, defaultValue, source: 'the test' }),
    effective: () => current.value,
    move: atOnce((value) => {
      current.value = value;
    }),
  };
  return { current, parts };
}

const oneToEight = { min: 1, max: 8, scale: 'linear', integer: true } as const;

/** Knobs of an executor that may be closed. */
function knobsOf(...parts: readonly KnobParts[]) {
  const owner = { isClosed: false, epochs: [] as Settings[] };
  const knobs = createKnobs(parts, {
    closed: () => owner.isClosed,
    changed: (settings) => owner.epochs.push(settings),
  });
  return { owner, knobs: knobs as readonly Knob<never>[] };
}

function only(parts: KnobParts) {
  const { owner, knobs } = knobsOf(parts);
  return { owner, knob: knobs[0] as unknown as Knob<SettingValue> };
}

const closed = { code: 'ERR_SANDTUNE_CLOSED', message: 'threads: expected an open executor, got one that was closed' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a knob', () => {
  it('knobs have values of any type: numbers, switches, choices', async () => {
    const threads = part('threads', oneToEight, 1);
    const streaming = part<boolean>('streaming', [false, true], false);
    const codec = part<string>('codec', ['gzip', 'brotli'], 'gzip');
    const { owner, knobs } = knobsOf(threads.parts, streaming.parts, codec.parts);
    await knobs[0]?.apply(4 as never);
    await knobs[1]?.apply(true as never);
    await knobs[2]?.apply('brotli' as never);
    expect([threads.current.value, streaming.current.value, codec.current.value]).toEqual([4, true, 'brotli']);
    expect(owner.epochs).toEqual([
      { threads: 4, streaming: false, codec: 'gzip' },
      { threads: 4, streaming: true, codec: 'gzip' },
      { threads: 4, streaming: true, codec: 'brotli' },
    ]);
    expect(knobs[2]?.patch('brotli' as never)).toMatchObject({ before: '', after: "codec: 'brotli'," });
    expect(knobs[1]?.patch(true as never)).toMatchObject({ before: '', after: 'streaming: true,' });
  });

  it.each([
    ['a number outside its range', part('threads', oneToEight, 1).parts, 9, 'an integer from 1 to 8, got 9'],
    ['a fraction', part('threads', oneToEight, 1).parts, 1.5, 'an integer from 1 to 8, got 1.5'],
    ['no number', part('threads', oneToEight, 1).parts, Number.NaN, 'an integer from 1 to 8, got NaN'],
    ['another type', part('threads', oneToEight, 1).parts, '4', 'an integer from 1 to 8, got "4"'],
    ['an unknown choice', part('codec', ['a', 'b'], 'a').parts, 'c', 'one of "a", "b", got "c"'],
  ])('a knob refuses %s and changes nothing', async (_, parts, bad, said) => {
    const { owner, knob } = only(parts as KnobParts);
    const before = knob.read();
    const wrong = { code: 'ERR_SANDTUNE_KNOB', message: `${parts.spec.id}: expected ${said}` };
    await expect(knob.apply(bad)).rejects.toMatchObject(wrong);
    await expect(knob.keepWarm(before.effective, bad)).rejects.toMatchObject(wrong);
    expect(() => knob.patch(bad)).toThrow(expect.objectContaining(wrong));
    expect(knob.read()).toEqual(before);
    expect(owner.epochs).toEqual([]);
  });

  it('a knob moves only when its own moves before it have ended, and waits for those of no other knob', async () => {
    const order: string[] = [];
    const slow = Promise.withResolvers<void>();
    const first: KnobParts<number> = {
      ...part('threads', oneToEight, 1).parts,
      move: (value) => slow.promise.then(() => void order.push(`threads ${value}`)),
    };
    const second = { ...part('batchSize', oneToEight, 1).parts, move: () => void order.push('batchSize') };
    const { knobs } = knobsOf(first, second);
    const [threads, batchSize] = knobs as [Knob<never>, Knob<never>];
    const moves = [threads.apply(2 as never), threads.apply(3 as never), batchSize.apply(2 as never)];
    await turn();
    expect(order).toEqual(['batchSize']);
    slow.resolve();
    await Promise.all(moves);
    expect(order).toEqual(['batchSize', 'threads 2', 'threads 3']);
  });

  it('a knob of an executor that is closed says so at once, whatever its moves before wait for', async () => {
    const { owner, knob } = only({ ...part('threads', oneToEight, 1).parts, move: () => new Promise(() => {}) });
    void knob.apply(4);
    await turn();
    owner.isClosed = true;
    await expect(knob.apply(1)).rejects.toMatchObject(closed);
  });

  it('a knob moves back while something that cannot be warmed is still being warmed', async () => {
    const { current, parts } = part('threads', oneToEight, 4);
    const { knob } = only({ ...parts, warm: () => new Promise(() => {}) } as KnobParts);
    void knob.keepWarm(1, 8);
    await knob.apply(1);
    expect(current.value).toBe(1);
  });

  it('a knob begins an epoch before its first step: the window that ends is measured by what it had', async () => {
    const { current, parts } = part('threads', oneToEight, 1);
    const seen: number[] = [];
    const [knob] = createKnobs([parts as KnobParts], { closed: () => false, changed: () => seen.push(current.value) });
    await (knob as Knob<SettingValue>).apply(4);
    expect([seen, current.value]).toEqual([[1], 4]);
  });

  it('a knob that cannot move says why, and its executor stands where it stood', async () => {
    const { parts } = part('threads', oneToEight, 1);
    const { owner, knob } = only({
      ...parts,
      async move(value, inForce) {
        if (value === 8) throw new Error('too many');
        inForce(value);
        throw new Error('half way');
      },
    } as KnobParts);
    await expect(knob.apply(8)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_KNOB',
      message: 'threads: expected to move to 8, got: too many',
    });
    expect(owner.epochs).toEqual([]);
    await expect(knob.apply(4)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    expect(owner.epochs).toEqual([{ threads: 4 }, { threads: 1 }]);
    expect(knob.read().requested).toBe(1);
  });

  it('a knob of an executor that is closed neither moves nor warms', async () => {
    const { current, parts } = part('threads', oneToEight, 1);
    let warmed = 0;
    const { owner, knob } = only({ ...parts, warm: async () => () => void warmed++ } as KnobParts);
    owner.isClosed = true;
    await expect(knob.apply(4)).rejects.toMatchObject(closed);
    await expect(knob.keepWarm(1, 4)).rejects.toMatchObject(closed);
    expect([current.value, warmed]).toEqual([1, 0]);
  });
});

describe('keepWarm of a knob', () => {
  const warming = (warm: NonNullable<KnobParts['warm']>) =>
    only({ ...part('threads', oneToEight, 1).parts, warm } as KnobParts);

  it('keepWarm resolves once what both values need is there', async () => {
    const ready = Promise.withResolvers<() => void>();
    const { knob } = warming(() => ready.promise);
    let isWarm = false;
    const done = knob.keepWarm(1, 4).then(() => {
      isWarm = true;
    });
    await turn();
    expect(isWarm).toBe(false);
    ready.resolve(() => {});
    await done;
  });

  it('keepWarm lets go once, however often it is disposed', async () => {
    let released = 0;
    const { knob } = warming(async () => () => void released++);
    const warm = await knob.keepWarm(1, 4);
    await warm[Symbol.asyncDispose]();
    await warm[Symbol.asyncDispose]();
    expect(released).toBe(1);
  });

  it('keepWarm lets go, and says so, when the executor closes meanwhile', async () => {
    const ready = Promise.withResolvers<() => void>();
    const { knob, owner } = warming(() => ready.promise);
    const done = knob.keepWarm(1, 4);
    owner.isClosed = true;
    let released = 0;
    ready.resolve(() => void released++);
    await expect(done).rejects.toMatchObject(closed);
    expect(released).toBe(1);
  });

  it('keepWarm says why nothing could be kept', async () => {
    const { knob } = warming(async () => {
      throw new Error('no thread starts');
    });
    await expect(knob.keepWarm(1, 4)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_KNOB',
      message: 'threads: expected to keep 1 and 4 warm, got: no thread starts',
    });
  });
});
