/** Observes a function into the folder that it is given, says so once that is on disk, and goes on until it is killed. */
import { wrap } from '../../../src/index.ts';
import { tune } from '../../../tuner/index.ts';

const executor = wrap(async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)), { name: 'observed' });
const { ledger } = tune(executor, { stateDir: process.argv[2] ?? '' });
await ledger.durable();
process.stdout.write('observing\n');
for (;;) await executor.run(5);
