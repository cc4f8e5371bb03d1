import { expect, it } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { betterFromEight, tunedWorld } from '../../support/tuned-world.ts';

it.each([0.1, 0.25])('of the windows of a hold-back about a share of %f stays on the anchor', async (share) => {
  const { tuner } = tunedWorld({ rate: betterFromEight }, { expert: { holdBackFraction: share } });
  const windows: Window[] = [];
  let isHeldBack = false;
  const proven = new Promise<void>((resolve) => {
    tuner.watch((entry) => {
      if (entry.kind === 'event' && entry.event.kind === 'measured' && isHeldBack) windows.push(entry.event.window);
      if (entry.kind !== 'record') return;
      if (entry.record.kind === 'decision' && entry.record.decision === 'commit') isHeldBack = true;
      if (entry.record.kind === 'anchor' && isHeldBack) resolve();
    });
  });
  await tuner.propose({ size: 8 });
  await proven;
  const onAnchor = windows.filter(({ settings }) => settings['size'] === 1).length / windows.length;
  expect(onAnchor).toBeGreaterThan(0.7 * share);
  expect(onAnchor).toBeLessThan(1.5 * share);
});
