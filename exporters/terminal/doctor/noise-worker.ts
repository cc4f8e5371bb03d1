/** What check-noise.ts runs on its threads: a fixed piece of arithmetic per message. */
import { parentPort } from 'node:worker_threads';

/** About a tenth of a millisecond: long against the message, short against a window. */
const steps = 100_000;

parentPort?.on('message', (input: number) => {
  let value = input | 1;
  for (let step = 0; step < steps; step++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  parentPort?.postMessage(value);
});
