/**
 * A small tuner of its own, to be killed: real guests in a real sandbox under a closed loop, and a
 * ledger on disk. It always begins at the same configured setting, and prints one JSON line for each
 * thing worth knowing.
 *
 *   --role commit   commits a better setting under `persist`, and ends in order once that is the anchor
 *   --role trial    begins a trial of another one, inside which the process is killed
 *   --role restart  says what it stands on, and ends in order
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSandbox, type Settings } from 'sandtune';
import { type Entry, type Tuner, tune } from 'sandtune/tuner';
import { candidate, configured, improved } from './settings.ts';

const { values } = parseArgs({
  options: { 'state-dir': { type: 'string' }, seed: { type: 'string' }, role: { type: 'string' } },
});
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const sandbox = await createSandbox({
  name: 'crash-child',
  guests: {
    text: {
      module: readFileSync(new URL('../guests/text/text.wasm', import.meta.url)),
      binding: new URL('../guests/text.ts', import.meta.url),
      functions: ['count'],
    },
  },
  threads: Number(configured['threads']),
  batchSize: Number(configured['batchSize']),
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
  maxDurationMs: 60_000,
  stateDir: values['state-dir'] ?? ':memory:',
  seed: Number(values.seed ?? 1),
  expert: {
    windowMs: 60,
    minCompletions: 10,
    baselineWindows: 6,
    noisePairs: 0,
    overheadPairs: 0,
    // What is told here is how a start finds the anchor; a hold-back would take a minute beside other work.
    holdBackFraction: 0,
  },
});
const standing = () => Object.fromEntries(sandbox.knobs.map((knob) => [knob.id, knob.read().effective]));

switch (values.role) {
  case 'commit': {
    const passed = heard(tuner, (entry) => entry.kind === 'record' && entry.record.kind === 'anchor');
    const { decision } = await tuner.propose(improved, 'to be the anchor of the starts to come');
    if (decision === 'commit') await passed;
    await end();
    say({ kind: 'kept', anchor: tuner.anchor });
    break;
  }
  case 'trial':
    say({ kind: 'started', settings: standing(), anchor: tuner.anchor });
    tuner.watch((entry) => {
      // A trial is tried once its intent is on disk: killed before that, there was no trial.
      if (entry.kind === 'record' && entry.record.kind === 'trial') {
        const { trial, candidate: tried } = entry.record;
        void tuner.ledger.durable().then(() => say({ kind: 'trial', trial, candidate: tried }));
      }
      // The decision is reported at its record and not when `propose` resolves: a kill between the two came after it.
      if (entry.kind === 'record' && entry.record.kind === 'decision') say({ kind: 'decided' });
      if (entry.kind === 'event' && entry.event.kind === 'measured')
        say({ kind: 'window', arm: entry.event.arm, settings: standing() });
    });
    // The outcome does not matter: this process is here to be killed.
    await tuner.propose(candidate, 'to be killed in the middle of it').catch(() => undefined);
    break;
  default: {
    // One window is enough to know that the session has begun and where it stands.
    await heard(tuner, (entry) => entry.kind === 'event' && entry.event.kind === 'measured');
    const notes: { trial: number; candidate: Settings; text: string }[] = [];
    tuner.watch((entry) => {
      if (entry.kind === 'remark' && entry.remark.kind === 'note' && entry.remark.code === 'interrupted')
        notes.push(entry.remark);
    })();
    const note = notes.at(-1);
    say({
      kind: 'standing',
      settings: standing(),
      anchor: tuner.anchor,
      note: note?.text ?? null,
      ...(note && { trial: note.trial, candidate: note.candidate }),
    });
    await end();
  }
}

async function end(): Promise<void> {
  await tuner[Symbol.asyncDispose]();
  going = false;
  await Promise.all(loops);
  await sandbox.close();
}

/** Resolves with the first entry of this session, from now on, that `isIt` says yes to. */
function heard(from: Tuner, isIt: (entry: Entry) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = from.watch((entry) => {
      if (!isIt(entry)) return;
      resolve();
      stop();
    });
  });
}
