import fc from 'fast-check';
import { BufferPool, type Framing, fixed, lengthPrefixed, lines, type OutputRecord } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { framedRounds } from '../../src/stream/sink/framed-rounds.ts';
import { bytes } from './stream-support.ts';

const signal = new AbortController().signal;
const recordOf = (given: Uint8Array, offset: number): OutputRecord => ({
  partition: '0',
  offset,
  bytes: given,
  weight: 1,
});

/** What a file would have, with each round gone as soon as the next one is asked for. */
async function written(records: readonly OutputRecord[], framing: Framing | undefined, pool: BufferPool) {
  const parts: Buffer[] = [];
  let rounds = 0;
  for await (const round of framedRounds(records, framing, { pool, tenant: 't', signal })) {
    rounds++;
    parts.push(...round.map((one) => Buffer.from(one)));
  }
  return { all: Buffer.concat(parts), rounds };
}

it('the rounds are the records as the framing has them, however few buffers there are, and all are given back', async () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 2, 100, 5000, 16_383, 16_384, 70_000), { maxLength: 60 });
  const framings = fc.constantFrom<Framing | undefined>(undefined, lines(), lengthPrefixed(), fixed(1));
  const property = fc.asyncProperty(
    sizes,
    framings,
    fc.integer({ min: 1, max: 3 }),
    async (lengths, framing, count) => {
      const pool = new BufferPool({ counts: [0, count, 1] });
      const records = lengths.map((length, i) => recordOf(new Uint8Array(length).fill(1 + (i % 250)), i));
      const wanted = records.flatMap(({ bytes: one }) => {
        const around = framing?.around(one.length);
        return around ? [around.before, one, around.after] : [one];
      });
      const { all } = await written(records, framing, pool);
      expect(all.equals(Buffer.concat(wanted))).toBe(true);
      expect(pool.use.tiers.map(({ out }) => out)).toEqual([0, 0, 0]);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

it('what is more than its buffers is written in several rounds', async () => {
  const records = Array.from({ length: 300 }, (_, i) => recordOf(new Uint8Array(10_000).fill(7), i));
  const { all, rounds } = await written(records, undefined, new BufferPool({ counts: [0, 0, 1] }));
  expect(all.length).toBe(3_000_000);
  expect(rounds).toBe(3);
});

it('two that share one buffer wait for each other, and neither for good', async () => {
  const pool = new BufferPool({ counts: [0, 0, 1] });
  const records = Array.from({ length: 300 }, (_, i) => recordOf(new Uint8Array(10_000).fill(7), i));
  const both = await Promise.all([written(records, lines(), pool), written(records, lines(), pool)]);
  expect(both.map(({ all }) => all.length)).toEqual([3_000_300, 3_000_300]);
});

it('one that is ended while it waits, or left, gives back what it has', async () => {
  const pool = new BufferPool({ counts: [0, 1, 0] });
  const other = await pool.take(1);
  const stop = new AbortController();
  const options = { pool, tenant: 't', signal: stop.signal };
  const waiting = framedRounds([recordOf(bytes('a'), 0)], lines(), options).next();
  const reason = new Error('enough');
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  other.release();
  for await (const _ of framedRounds([recordOf(bytes('a'), 0)], lines(), { ...options, signal })) break;
  expect(pool.use.tiers[1]).toEqual({ bytes: 65_536, out: 0, idle: 1, waiting: 0 });
});
