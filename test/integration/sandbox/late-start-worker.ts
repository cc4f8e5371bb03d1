/** A worker that starts or not, as the environment said when it was started. */
import runBatch from '../../../src/sandbox/run/worker.ts';

const how = process.env['SANDTUNE_TEST_START'];
if (how === 'throw') await new Promise(() => setImmediate(() => fail('this worker fails late')));
if (how === 'exit') process.exit(4);

function fail(message: string): never {
  throw new Error(message);
}

export default runBatch;
