import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InOrder, type OrderPlace } from '../../../src/stream/flow/in-order.ts';

type Move = 'comes' | 'done' | 'removed';
const play = fc.array(
  fc.record({
    move: fc.constantFrom<Move>('comes', 'comes', 'done', 'done', 'removed'),
    which: fc.nat(),
  }),
  { maxLength: 3000 },
);

describe('what leaves in order', () => {
  it('is at every moment what came before the first that is not done, without what was taken out', () => {
    fc.assert(
      fc.property(play, (moves) => {
        const order = new InOrder<number>();
        const places: OrderPlace<number>[] = [];
        const open = new Set<number>();
        const removed = new Set<number>();
        const left: number[] = [];
        const leaves = (one: number) => left.push(one);
        for (const { move, which } of moves) {
          if (move === 'comes' || open.size === 0) {
            open.add(places.length);
            places.push(order.push(places.length));
          } else {
            const item = [...open][which % Math.min(open.size, 50)] as number;
            open.delete(item);
            if (move === 'removed') removed.add(item);
            order[move === 'removed' ? 'remove' : 'done'](places[item] as OrderPlace<number>, leaves);
          }
          const [firstOpen = places.length] = open;
          const expected = places.filter((_, one) => one < firstOpen && !removed.has(one));
          expect(left.length).toBe(expected.length);
          expect(order.first).toBe(firstOpen < places.length ? firstOpen : undefined);
        }
        expect(left).toEqual(left.toSorted((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves once, however often it is told as done', () => {
    const order = new InOrder<string>();
    const left: string[] = [];
    const first = order.push('a');
    const second = order.push('b');
    for (const place of [second, second, first, first, second]) order.done(place, (one) => left.push(one));
    expect(left).toEqual(['a', 'b']);
  });
});
