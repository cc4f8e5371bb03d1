/** A program that knows nothing of sandtune: two copies of piscina, one imported, one required. Its argument says how it ends. */
import { createRequire } from 'node:module';
import { Piscina } from 'piscina';

const filename = new URL('../../package/wrong-usages/worker.cjs', import.meta.url).pathname;
const { Piscina: Older } = createRequire(import.meta.url)('piscina4') as { readonly Piscina: typeof Piscina };
const pools = [new Piscina({ filename, maxThreads: 1 }), new Older({ filename, maxThreads: 1 })];
const controller = new AbortController();
const cancelled = pools[0]?.run(1, { signal: controller.signal }).catch((error: Error) => error.name);
controller.abort();
const refused = pools[0]?.run(() => 1).catch((error: Error) => error.name);
for (let n = 0; n < 100; n++)
  for (const pool of pools) if ((await pool.run(n)) !== n) throw new Error('a wrong result');
console.log(JSON.stringify([await cancelled, await refused]));
switch (process.argv[2]) {
  case 'exit':
    process.exit(7);
    break;
  case 'throw':
    throw new Error('the program failed');
  case 'signal':
    console.log('waiting');
    setInterval(() => {}, 1000);
    break;
  case 'counting handler':
    // As the package signal-exit does.
    process.on('SIGTERM', function only() {
      if (process.listeners('SIGTERM').length > 1) return;
      process.off('SIGTERM', only);
      process.kill(process.pid, 'SIGTERM');
    });
    console.log('waiting');
    setInterval(() => {}, 1000);
    break;
  case 'own handler':
    process.once('SIGTERM', () => process.exit(3));
    console.log('waiting');
    setInterval(() => {}, 1000);
    break;
  default:
    await Promise.all(pools.map((pool) => pool.destroy()));
}
