import { expect, it } from 'vitest';
import type { Entry } from '../../tuner/entries/entries.ts';
import { replay } from '../../tuner/replay.ts';
import { betterFromEight, tunedWorld } from '../support/tuned-world.ts';

it('a replay misses any one record that is gone, also where an event follows it', async () => {
  const { tuner } = tunedWorld({ rate: betterFromEight });
  await tuner.propose({ size: 8 });
  await tuner.stop();
  const entries = [...tuner.ledger.read()];
  const without = (gone: Entry | null) => ({
    append: () => undefined,
    durable: () => Promise.resolve(),
    anchor: () => tuner.ledger.anchor(),
    read: () => entries.filter((entry) => entry !== gone),
  });
  expect(replay(without(null)).identical).toBe(true);
  const lastOfEvent = entries.filter((entry, i) => entry.kind === 'record' && entries[i + 1]?.kind === 'event');
  expect(lastOfEvent.length).toBeGreaterThan(3);
  for (const gone of lastOfEvent) expect(replay(without(gone)).identical).toBe(false);
  await tuner[Symbol.asyncDispose]();
});
