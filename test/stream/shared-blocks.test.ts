import { describe, expect, it } from 'vitest';
import { BlockPool } from '../../src/stream/shared-blocks.ts';

describe('blocks of shared memory', () => {
  it('are used again once all who hold them have let them go, and not before', () => {
    const pool = new BlockPool();
    const block = pool.take(100_000);
    expect(block.memory.length).toBe(131_072);
    block.hold();
    block.letGo();
    expect(pool.take(100_000)).not.toBe(block);
    block.letGo();
    expect(pool.take(131_072)).toBe(block);
    expect(pool.take(100_000)).not.toBe(block);
  });

  it('that are never let go are never used again', () => {
    const pool = new BlockPool();
    const taken = Array.from({ length: 40 }, () => pool.take(1));
    expect(new Set(taken).size).toBe(40);
    for (const block of taken.slice(1)) block.letGo();
    const again = Array.from({ length: 40 }, () => pool.take(1));
    expect(again).not.toContain(taken[0]);
    // Of many idle ones only some are kept.
    expect(again.filter((block) => taken.includes(block)).length).toBe(16);
  });
});
