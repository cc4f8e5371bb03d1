/**
 * A stream that is killed again and again, and whose output is the same to the byte:
 *
 *   npm run example examples/stream-resume.ts          64 MiB; another number of MiB may follow
 *
 * The input is made on the spot, so it may be of any size. Each record is packed by a WebAssembly guest. The
 * program runs itself: once undisturbed, and once killed (SIGKILL) after ever more of its output, until it ends.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSandbox } from 'sandtune';
import { createStreamProcessor, fileCheckpoints, fileSink, iterableSource, lengthPrefixed } from 'sandtune/stream';

const recordBytes = 16_384;

/** The same records each time it is asked, so that a start can pass over those before its position. */
function* recordsOf(count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(recordBytes, `record ${i} of ${count}, and so on; `);
}

async function pack(folder: string, records: number): Promise<void> {
  await using sandbox = await createSandbox({
    guests: {
      lz4: {
        module: new URL(import.meta.resolve('lz4-wasm/lz4_wasm_bg.wasm')),
        binding: new URL('./support/lz4-binding.mjs', import.meta.url),
        functions: ['compress'],
        allowImports: { './lz4_wasm_bg.js': '*' },
      },
    },
  });
  const stream = createStreamProcessor(sandbox, {
    function: 'compress',
    framing: lengthPrefixed(),
    delivery: 'effectively-once',
    checkpointIntervalMs: 50,
  });
  const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
  const source = iterableSource(() => recordsOf(records), { gives: 'records' });
  const done = await stream.run(source, fileSink(join(folder, 'packed')), { checkpoints, job: 'pack' });
  await checkpoints.close();
  const from = done.resumedFrom === null ? 'from the beginning' : `from checkpoint ${done.resumedFrom}`;
  console.log(`  ${from}: ${done.delivered} records, ${done.checkpoints} checkpoints`);
}

/** Runs this program on a folder; kills it once its output has so many bytes. @returns false where it was killed */
async function runs(folder: string, records: number, killAtBytes: number): Promise<boolean> {
  const child = fork(import.meta.filename, ['--pack', folder, String(records)]);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const packedBytes = () => statSync(join(folder, 'packed'), { throwIfNoEntry: false })?.size ?? 0;
  while (child.exitCode === null && child.signalCode === null && packedBytes() < killAtBytes) await pause(2);
  if (packedBytes() >= killAtBytes) child.kill('SIGKILL');
  const code = await ended;
  if (code !== null && code !== 0) throw new Error(`expected the run to end or to be killed, got exit code ${code}`);
  return code === 0;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

const [first, folder = '', count = ''] = process.argv.slice(2);
if (first === '--pack') await pack(folder, Number(count));
else {
  const mebibytes = Number(first ?? 64);
  const records = Math.ceil((mebibytes * 2 ** 20) / recordBytes);
  const room = await mkdtemp(join(tmpdir(), 'stream-resume-'));
  const [calm, killed] = [join(room, 'calm'), join(room, 'killed')];
  for (const one of [calm, killed]) await mkdir(one);
  console.log(`${records} records, ${mebibytes} MiB, undisturbed:`);
  await runs(calm, records, Number.POSITIVE_INFINITY);
  const { size } = statSync(join(calm, 'packed'));
  console.log('and killed on the way:');
  let kills = 0;
  for (const share of [0.05, 0.3, 0.5, 0.7, 0.9]) {
    if (await runs(killed, records, share * size)) break;
    kills++;
    console.log(`  killed at ${Math.round(100 * share)} % of the output`);
  }
  await runs(killed, records, Number.POSITIVE_INFINITY);
  const [expected, got] = await Promise.all([digestOf(join(calm, 'packed')), digestOf(join(killed, 'packed'))]);
  console.log(`undisturbed        sha256 ${expected}\nkilled ${kills} times     sha256 ${got}`);
  console.log(expected === got ? 'identical' : 'NOT identical');
  await rm(room, { recursive: true });
  if (expected !== got) process.exitCode = 1;
}
