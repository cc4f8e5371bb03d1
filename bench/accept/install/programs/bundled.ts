/** Prints what a wrapped pool, its ledger on disk, the report of that, and a sandbox answer from inside a bundle. */
import { Piscina } from 'piscina';
import { createSandbox, wrap } from 'sandtune';
import { reportOf } from 'sandtune/exporters';
import { tune } from 'sandtune/tuner';

const [filename = '', stateDir = '', workerUrl] = process.argv.slice(2);
// (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
const add = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1,
  7, 0, 32, 0, 32, 1, 106, 11,
]);

/** Not at the top level, where CommonJS cannot wait. */
async function main(): Promise<void> {
  const end = (promise: Promise<unknown>) => promise.catch((error: Error) => error.message);
  const pool = wrap(new Piscina<number, number>({ filename, maxThreads: 1 }), { name: 'pool' });
  const tuner = tune(pool, { stateDir });
  const ran = await pool.run(21);
  const durable = await end(tuner.ledger.durable().then(() => true));
  await tuner[Symbol.asyncDispose]();
  const reported = await end(reportOf(stateDir).then(({ data }) => data.title));
  const sandboxed = await end(
    createSandbox({
      guests: { sum: { module: add } },
      threads: 1,
      ...(workerUrl && { workerUrl: new URL(workerUrl) }),
    }).then((sandbox) => sandbox.function('sum.add')(19, 23)),
  );
  console.log(JSON.stringify({ ran, durable, reported, sandboxed }));
  process.exit(0);
}

void main();
