/** A recorder for tests that need no executor. */

import type { ManualTime } from '../../bench/worlds/manual-time.ts';
import { resolveSurroundings } from '../../src/foundation/surroundings.ts';
import { Recorder } from '../../src/measure/recorder.ts';

export function recorderFor({ clock, timers }: ManualTime): Recorder {
  const gauges = { workers: () => 1, guestBytes: () => 0 };
  return new Recorder({ surroundings: resolveSurroundings({ clock, timers }), name: 'test', settings: {}, gauges });
}
