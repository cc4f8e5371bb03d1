/** A run in a process that nothing but the run keeps alive: `waiting-run-child.ts FOLDER DELIVERY FAILING`; its result as JSON. */
import {
  type CheckpointStorage,
  createStreamProcessor,
  type Delivery,
  fileCheckpoints,
  functionSink,
} from 'sandtune/stream';
import { bytes, executorOf, numbers } from './stream-support.ts';

const [folder = '', delivery, failing] = process.argv.slice(2);
const storage = fileCheckpoints(folder);
let saves = 0;
const checkpoints: CheckpointStorage = {
  name: 'flaky',
  fence: (job) => storage.fence(job),
  save: (one) => (++saves === Number(failing) ? Promise.reject(new Error('busy')) : storage.save(one)),
  restore: (job) => storage.restore(job),
  list: (job) => storage.list(job),
  verify: (id) => storage.verify(id),
  close: () => storage.close(),
};
const processor = createStreamProcessor(
  executorOf((text) => text),
  { delivery: delivery as Delivery, checkpointIntervalMs: 150, checkpointBytes: 500 },
);
const { delivered, failedCheckpoints } = await processor.run(
  numbers(1000).map(bytes),
  functionSink(() => {}),
  { checkpoints, job: 'job' },
);
await storage.close();
process.stdout.write(JSON.stringify({ delivered, failedCheckpoints }));
