import { describe, expect, it } from 'vitest';
import { ExecutorRoom } from '../../../src/stream/flow/executor-room.ts';

/** A stage that always has something to call, and an executor that has room for so many; each round all calls end. */
function rounds(room: ExecutorRoom, lanes: number, count: number, capacity: number) {
  let [inFlight, refused] = [0, 0];
  const widths: number[] = [];
  const fill = () => {
    while (inFlight < Math.min(lanes, room.most)) {
      if (inFlight < capacity) inFlight++;
      else {
        refused++;
        room.refused(inFlight);
      }
    }
  };
  for (let round = 0; round < count; round++) {
    if (inFlight === 0) room.asksAgain();
    fill();
    widths.push(inFlight);
    for (let ends = Math.min(inFlight, capacity); ends > 0; ends--) {
      inFlight--;
      room.ended();
      fill();
    }
  }
  return { widths, refused };
}

describe('the room of an executor', () => {
  it('is all there is until one call is refused', () => {
    expect(rounds(new ExecutorRoom(), 64, 1, 64)).toEqual({ widths: [64], refused: 0 });
  });

  it('is had again after a few rounds, however little others left of it for however long', () => {
    for (const left of [0, 1, 5, 40])
      for (const lanes of [1, 64, 1000]) {
        const room = new ExecutorRoom();
        rounds(room, lanes, 50, left);
        const { widths, refused } = rounds(room, lanes, 14, lanes);
        expect(widths.at(-1)).toBe(lanes);
        expect(refused).toBe(0);
      }
  });

  it('is used up where it is less than the lanes, and asked for more than there is about once in so many calls', () => {
    for (const capacity of [1, 2, 10, 63]) {
      const { widths, refused } = rounds(new ExecutorRoom(), 64, 200, capacity);
      expect(widths.slice(1)).toEqual(Array.from({ length: 199 }, () => capacity));
      expect(refused).toBeLessThanOrEqual(200 + 1);
    }
  });
});
