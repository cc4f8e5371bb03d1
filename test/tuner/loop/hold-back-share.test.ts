import { expect, it } from 'vitest';
import type { Settings, Window } from '../../../src/contracts.ts';
import { tunedWorld } from '../../support/tuned-world.ts';

const gains =
  (gain: number) =>
  ({ size }: Settings): number =>
    10_000 * (Number(size) >= 8 ? 1 + gain : 1);

it.each([0.1, 0.25])('of the windows of a hold-back about a share of %f stays on the anchor', async (share) => {
  const onAnchor = shareOnAnchor(await heldBack(0.15, share));
  expect(onAnchor).toBeGreaterThan(0.7 * share);
  expect(onAnchor).toBeLessThan(1.5 * share);
});

it('a gain of a half is held back for a fraction of the time of a small one, in shorter windows between fewer pairs', async () => {
  const [small, large] = [await heldBack(0.15, 0.25), await heldBack(0.5, 0.25)];
  const spanMs = (windows: readonly Window[]) => windows.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  expect(spanMs(large)).toBeLessThan(spanMs(small) / 2);
  expect(shareOnAnchor(large)).toBeLessThan(shareOnAnchor(small));
});

/** The windows from the commit until its setting is the anchor. */
async function heldBack(gain: number, share: number): Promise<readonly Window[]> {
  const { tuner } = tunedWorld({ rate: gains(gain) }, { expert: { holdBackFraction: share } });
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
  await tuner.stop();
  return windows;
}

function shareOnAnchor(windows: readonly Window[]): number {
  return windows.filter(({ settings }) => settings['size'] === 1).length / windows.length;
}
