/**
 * A config for `sandtune tune`, small and quick: calls that wait a moment behind a gate of one. At
 * exit it writes what is in force to $SETTINGS_FILE, so that a test sees whether it was restored.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { wrap } from '../../../src/adapters/wrap.ts';

const executor = wrap(
  async (ms: number) => {
    await sleep(ms);
    return ms;
  },
  { name: 'small', concurrency: { value: 4, max: 16 } },
);

process.on('exit', () => {
  const file = process.env['SETTINGS_FILE'];
  if (file)
    writeFileSync(
      file,
      JSON.stringify(Object.fromEntries(executor.knobs.map((knob) => [knob.id, knob.read().effective]))),
    );
});

const config = {
  executor,
  async load(run: typeof executor.run, signal: AbortSignal) {
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (!signal.aborted) await run(2);
      }),
    );
  },
  options: {
    stateDir: process.env['STATE_DIR'] ?? '.sandtune',
    seed: 5,
    // A busy machine makes few calls a window: trials must be worth beginning, and come to an end, all the same.
    subjectTo: ['errors within 1pp'],
    expert: { windowMs: 100, baselineWindows: 6, noisePairs: 3 },
  },
};

// oxlint-disable-next-line import/no-default-export -- it is what the command reads
export default config;
