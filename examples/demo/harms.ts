/** Settings a viewer may try to hurt the demo with: keys 1 to 4; and the one the story tries itself. */
import type { Settings } from 'sandtune';

export interface Harm {
  readonly settings: Settings;
  readonly reason: string;
}

export const harms: readonly Harm[] = [
  { settings: { batchSize: 1, transport: 'message' }, reason: 'one call a message: every call pays for a wake-up' },
  { settings: { threads: 1 }, reason: 'one thread on a machine with more' },
  {
    settings: { batchLingerMs: 50, batchSize: 512, transport: 'message' },
    reason: 'wait 50 ms for batches that never fill',
  },
  { settings: { moduleCacheCapacity: 1 }, reason: 'keep one instance, start the others again and again' },
];

/** The first that would change anything: where nothing better was found, batchSize 1 is still in force. */
export function firstThatDiffers(standing: Settings): Harm | null {
  const differs = ({ settings }: Harm) => Object.entries(settings).some(([knob, value]) => standing[knob] !== value);
  return harms.find(differs) ?? null;
}
