/**
 * A small tuner of its own, to be killed: real guests in a real sandbox under a closed loop, a
 * ledger on disk, and one trial of a candidate. Prints one JSON line for each thing worth knowing;
 * with `--look`, says what it stands on after a restart and leaves.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSandbox, type Settings } from 'sandtune';
import { tune } from 'sandtune/tuner';

const { values } = parseArgs({
  options: { 'state-dir': { type: 'string' }, seed: { type: 'string' }, look: { type: 'boolean' } },
});
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const start: Settings = { threads: 1, batchSize: 2 };
const candidate: Settings = { threads: 2, batchSize: 8 };

const sandbox = await createSandbox({
  name: 'crash-child',
  guests: {
    text: {
      module: readFileSync(new URL('../guests/text/text.wasm', import.meta.url)),
      binding: new URL('../guests/text.ts', import.meta.url),
      functions: ['count'],
    },
  },
  threads: Number(start['threads']),
  batchSize: Number(start['batchSize']),
  maxThreads: 4,
});
const count = sandbox.function('text.count');
const page = new TextEncoder().encode('one line of text, of many\n'.repeat(40));
let going = true;
const loops = Array.from({ length: 16 }, async () => {
  while (going) await count(page);
});

const tuner = tune(sandbox, {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 1%'],
  persist: true,
  windowMs: 60,
  minCompletions: 10,
  baselineWindows: 6,
  noisePairs: 0,
  maxPairs: 400,
  maxDurationMs: 60_000,
  stateDir: values['state-dir'] ?? ':memory:',
  seed: Number(values.seed ?? 1),
});
const standing = () => Object.fromEntries(sandbox.knobs.map((knob) => [knob.id, knob.read().effective]));

if (values.look === true) {
  // One window is enough to know that the session has begun and where it stands.
  await new Promise<void>((resolve) => {
    const stop = tuner.watch((entry) => {
      if (entry.kind === 'event' && entry.event.kind === 'measured') {
        stop();
        resolve();
      }
    });
  });
  const notes = [...tuner.ledger.read()].flatMap((entry) =>
    entry.kind === 'remark' && entry.remark.kind === 'note' ? [entry.remark.text] : [],
  );
  say({ kind: 'standing', settings: standing(), anchor: tuner.anchor, note: notes.at(-1) ?? null });
  await tuner.stop();
  going = false;
  await Promise.all(loops);
  await sandbox.close();
} else {
  say({ kind: 'started', settings: standing(), anchor: tuner.anchor });
  tuner.watch((entry) => {
    if (entry.kind === 'record' && entry.record.kind === 'trial')
      say({ kind: 'trial', candidate: entry.record.candidate });
    if (entry.kind === 'event' && entry.event.kind === 'measured')
      say({ kind: 'window', arm: entry.event.arm, settings: standing() });
  });
  // Decided or not is all the same: this process is here to be killed.
  await tuner.propose(candidate, 'to be killed in the middle of it').catch(() => undefined);
  say({ kind: 'decided' });
}
