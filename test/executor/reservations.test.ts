import { describe, expect, it } from 'vitest';
import { Reservations } from '../../src/executor/reservations.ts';

describe('reservations', () => {
  it('reservations ask for the most that anybody reserved, and for what two reserved until both let go', async () => {
    const provided: number[] = [];
    const reservations: Reservations = new Reservations(() => provided.push(reservations.atLeast(1)));
    const four = await reservations.reserve(4);
    const six = await reservations.reserve(6);
    const fourAgain = await reservations.reserve(4);
    expect(reservations.atLeast(8)).toBe(8);
    six();
    four();
    four();
    fourAgain();
    expect(provided).toEqual([4, 6, 6, 4, 4, 1]);
  });

  it('a reservation resolves when what it reserves is there', async () => {
    const ready = Promise.withResolvers<void>();
    const reservations = new Reservations(
      () => {},
      () => ready.promise,
    );
    let isThere = false;
    const reserving = reservations.reserve(3).then(() => {
      isThere = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([isThere, reservations.atLeast(1)]).toEqual([false, 3]);
    ready.resolve();
    await reserving;
  });

  it('a reservation that could not be provided leaves nothing reserved', async () => {
    const provided: number[] = [];
    const reservations: Reservations = new Reservations(
      () => provided.push(reservations.atLeast(1)),
      async () => {
        throw new Error('no thread starts');
      },
    );
    await expect(reservations.reserve(3)).rejects.toThrow('no thread starts');
    expect(provided).toEqual([3, 1]);
  });
});
