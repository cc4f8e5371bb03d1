/** A run in a process of its own: `killed-run-child.ts FOLDER DELIVERY`. */
import type { Delivery } from 'sandtune/stream';
import { jobOf, run } from './job-support.ts';

const [folder = '', delivery] = process.argv.slice(2);
await run(jobOf(folder), { delivery: delivery as Delivery });
