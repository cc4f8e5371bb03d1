import { describe, expect, it } from 'vitest';
import { type NumberKnobParts, numberKnob } from '../../src/adapters/number-knob.ts';

/** A knob over a variable, of an executor that may be closed. */
function knobOver(hold: NumberKnobParts['hold']) {
  const owner = { closed: false, isClosed: () => owner.closed, changed: () => {} };
  let value = 1;
  const knob = numberKnob(
    {
      spec: {
        id: 'threads',
        domain: { min: 1, max: 8, scale: 'linear', integer: true },
        interference: 'executor',
        moves: { up: 'live', down: 'live' },
        defaultValue: 1,
        source: 'the test',
      },
      read: () => value,
      set: (next) => {
        value = next;
      },
      ...(hold && { hold }),
      patch: (next) => ({ before: '1', after: `${next}` }),
    },
    owner,
  );
  return { knob, owner };
}

const closed = { code: 'ERR_SANDTUNE_CLOSED', message: 'threads: expected an open executor, got one that was closed' };

describe('keepWarm of a knob', () => {
  it('resolves once what is held is there', async () => {
    const ready = Promise.withResolvers<() => void>();
    const { knob } = knobOver(() => ready.promise);
    let warm = false;
    const warming = knob.keepWarm(1, 4).then(() => {
      warm = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(warm).toBe(false);
    ready.resolve(() => {});
    await warming;
  });

  it('lets go once, however often it is disposed', async () => {
    let released = 0;
    const { knob } = knobOver(async () => () => void released++);
    const warm = await knob.keepWarm(1, 4);
    await warm[Symbol.asyncDispose]();
    await warm[Symbol.asyncDispose]();
    expect(released).toBe(1);
  });

  it('holds nothing for an executor that is closed', async () => {
    let held = 0;
    const { knob, owner } = knobOver(async () => {
      held++;
      return () => {};
    });
    owner.closed = true;
    await expect(knob.keepWarm(1, 4)).rejects.toMatchObject(closed);
    expect(held).toBe(0);
  });

  it('lets go, and says so, when the executor closes meanwhile', async () => {
    const ready = Promise.withResolvers<() => void>();
    const { knob, owner } = knobOver(() => ready.promise);
    const warming = knob.keepWarm(1, 4);
    owner.closed = true;
    let released = 0;
    ready.resolve(() => void released++);
    await expect(warming).rejects.toMatchObject(closed);
    expect(released).toBe(1);
  });

  it('refuses values outside the domain, and holds nothing', async () => {
    let held = 0;
    const { knob } = knobOver(async () => {
      held++;
      return () => {};
    });
    await expect(knob.keepWarm(1, 9)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    await expect(knob.keepWarm(0, 4)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    expect(held).toBe(0);
  });
});
