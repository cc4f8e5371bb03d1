/** A program of several processes and threads, each with a pool of one name. Its argument says which. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';

const file = fileURLToPath(import.meta.url);
const filename = fileURLToPath(new URL('../../package/wrong-usages/worker.cjs', import.meta.url));
const [, , how, calls = '5'] = process.argv;

if (how === 'parent') {
  await Promise.all(['11', '12'].map((count) => once(fork(file, ['child', count]), 'exit')));
} else if (how === 'parent of a killed one') {
  const child = fork(file, ['killed']);
  await once(child, 'exit');
} else if (how === 'thread' && isMainThread) {
  await once(new Worker(file, { argv: ['thread', '13'] }), 'exit');
} else {
  const pool = new Piscina({ filename, maxThreads: 1 });
  for (let n = 0; n < Number(calls); n++) await pool.run(n);
  if (how === 'killed') process.kill(process.pid, 'SIGKILL');
  if (how === 'many') {
    const more = Array.from({ length: 18 }, () => new Piscina({ filename, minThreads: 0, maxThreads: 1 }));
    const signal = AbortSignal.abort();
    await Promise.allSettled(more.map((one) => one.run(1, { signal })));
    await Promise.all(more.map((one) => one.destroy()));
  }
  await pool.destroy();
  if (how === 'killed once its pool is destroyed') process.kill(process.pid, 'SIGKILL');
}
