import { expect, it } from 'vitest';
import { acceptKill } from '../../../bench/accept/kill.ts';
import { transport } from './guests.ts';

it('1,000 calls settle exactly once while workers are killed at random', async () => {
  const { rows } = await acceptKill({ calls: 1000, seed: 7, transport });
  expect(rows.filter(({ passed }) => !passed)).toEqual([]);
});
