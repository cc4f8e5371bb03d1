/** A program that never closes its sandbox: it must stay alive while calls wait, and end once none does. */
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';

const module = assemble(`(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "spin") (loop $again br $again)))`);

const transport = process.argv[2] as 'message' | 'ring';
const sandbox = await createSandbox({ guests: { calc: { module } }, threads: 1, deadlineMs: 100, transport });
const settled = await Promise.allSettled([sandbox.function('spin')(), sandbox.function('add')(1, 2)]);
process.stdout.write(JSON.stringify(settled.map(({ status }) => status)));
