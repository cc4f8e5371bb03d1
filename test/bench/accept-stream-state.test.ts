import { expect, it } from 'vitest';
import { damageMany, forgery } from '../../bench/accept/stream-state/damages.ts';

it.each(['files', 'database'] as const)(
  'of 100 damages to checkpoints in %s none is taken in silence',
  async (kind) => {
    const { outcomes, silent } = await damageMany(kind, 100, 5);
    expect(silent).toEqual([]);
    expect(outcomes.older).toBeGreaterThan(0);
  },
);

it('damage that brings digests of its own is found by the comparison, and by nothing else', async () => {
  const { outcomes } = await damageMany('files', 12, 5, forgery);
  expect(outcomes.silent).toBeGreaterThan(0);
});
