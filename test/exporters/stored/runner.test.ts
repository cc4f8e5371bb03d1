import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { reportParts } from '../../../exporters/stored/read-stored.ts';
import { wrap } from '../../../src/index.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { meddle } from './stored-ledger.ts';

// A child of its own takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const begun = new SampleSession({ session: 1 }).baseline().entries;

/** What the report of the ledger there says it holds for. */
function validityIn(path: string): string {
  for (const part of reportParts({ kind: 'report', path, replay: false }))
    if (part.of === 'data') return part.data.validity.join(' ');
  throw new Error('expected a report');
}

const sentence = /The session has no recorded end: ([^.]*)/;

const saidIn = (path: string): string | undefined => sentence.exec(validityIn(path))?.[1];

/** A folder with a session that has not ended, of a ledger that this process has open. */
async function unfinished(): Promise<string> {
  const stateDir = temporaryFolder();
  const ledger = openLedger({ stateDir, executor: 'demo sandbox' });
  onTestFinished(() => ledger[Symbol.asyncDispose]());
  ledger.append(begun);
  await ledger.durable();
  return stateDir;
}

/** As if another process had begun it. */
function begunBy(stateDir: string, writer: string): void {
  for (const table of ['runs', 'writers']) meddle(stateDir, `UPDATE ${table} SET writer = ${writer}`);
}

it.each(['observe', 'auto'] as const)(
  'the report of a stored session in mode %s without a recorded end says which process runs it still',
  async (mode) => {
    const stateDir = temporaryFolder();
    const executor = wrap(async () => undefined, { name: 'wrapped' });
    const tuner = tune(executor, { stateDir, mode });
    onTestFinished(() => tuner[Symbol.asyncDispose]());
    await tuner.ledger.durable();
    expect(saidIn(stateDir)).toBe('it still runs, in this process');
    await tuner[Symbol.asyncDispose]();
    expect(saidIn(stateDir)).toBeUndefined();
  },
);

const child = fileURLToPath(new URL('./observing-child.ts', import.meta.url));
const interrupted = 'it was interrupted, since what ran it is gone';

it('the report of a session that only observed says that it was interrupted when its process was killed, and while it lived that it runs', async () => {
  const stateDir = temporaryFolder();
  const observing = spawn(process.execPath, ['--conditions=sandtune-source', child, stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void observing.kill('SIGKILL'));
  await once(observing.stdout, 'data');
  expect(saidIn(stateDir)).toMatch(new RegExp(`^it still runs, in process ${observing.pid} on `));
  observing.kill('SIGKILL');
  await once(observing, 'exit');
  expect(saidIn(stateDir)).toBe(interrupted);
});

it('the report of a stored session says that it was interrupted where its process lives and has left the ledger', async () => {
  const stateDir = await unfinished();
  meddle(stateDir, 'DELETE FROM writers');
  expect(saidIn(stateDir)).toBe(interrupted);
});

it('the report of a stored session says who began it where that process cannot be seen', async () => {
  const stateDir = await unfinished();
  begunBy(stateDir, "json_set(writer, '$.host', 'build-7', '$.pid', 12)");
  expect(saidIn(stateDir)).toBe(
    'it still runs, or it was interrupted: it was begun by process 12 on build-7, which cannot be seen from here',
  );
});

it('the report of a stored session leaves open who ran it where that is damaged', async () => {
  const stateDir = await unfinished();
  begunBy(stateDir, "'x'");
  expect(saidIn(stateDir)).toMatch(/^it still runs, or it was interrupted/);
});
