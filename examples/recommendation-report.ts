/**
 * Wraps an async function, lets sandtune find a better setting, and writes the report:
 *
 *   npm run example examples/recommendation-report.ts [folder]
 *
 * The function appends events to a journal and makes them durable. Making one event durable takes
 * about as long as making a hundred, so there is something to find.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { wrap } from 'sandtune';
import { report, writeReport } from 'sandtune/exporters';
import { tune } from 'sandtune/tuner';

const scratch = await mkdtemp(join(tmpdir(), 'sandtune-journal-'));
const folder = resolve(process.argv[2] ?? join(tmpdir(), 'sandtune-report'));
const journal = await open(join(scratch, 'journal'), 'a');

/** What the program had before: events in, their lengths out, once they are on the disk. */
async function store(batch: readonly string[]): Promise<number[]> {
  await journal.appendFile(`${batch.join('\n')}\n`);
  await journal.datasync();
  return batch.map((event) => event.length);
}

const events = wrap(store, { batch: { size: 1, max: 64 }, concurrency: 4, name: 'events', load: 'closed' });
const tuner = tune(events, {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 1%'],
  stateDir: ':memory:',
  // Shorter than the defaults, so that the example ends soon: less is looked at before the trial.
  expert: { windowMs: 150, baselineWindows: 10, noisePairs: 3, holdBackFraction: 0 },
});

// 128 writers, each waits for its event to be stored before it sends the next.
const stop = new AbortController();
const writers = Array.from({ length: 128 }, async (_, writer) => {
  for (let event = 0; !stop.signal.aborted; event++) {
    await events.run(`writer ${writer}, event ${event}`);
  }
});

console.log('128 writers on a function that makes events durable, one at a time …');
await Promise.race([tuner.settled(), pause(20_000)]);
stop.abort();
await Promise.all(writers);
await tuner.stop();

const page = report(tuner.ledger);
const paths = await writeReport(page, folder);
console.log(`\n${page.markdown.split('<details>')[0]}${paths.html}\n${paths.markdown}`);

await tuner[Symbol.asyncDispose]();
await events.close();
await journal.close();
await rm(scratch, { recursive: true });
