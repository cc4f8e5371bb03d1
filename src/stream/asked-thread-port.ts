/** The other end of an `AskedThread`: answers what it is asked, one after the other, and ends with `close`. */
import { parentPort, type Transferable } from 'node:worker_threads';
import type { Calls, FromThread, ThreadRefusal, ToThread } from './asked-thread.ts';
import { CheckpointError } from './checkpoint/checkpoint-error.ts';

/** @param transfer what of an answer goes over and does not stay */
export function answerAll<C extends Calls>(
  carryOut: (message: ToThread<C>) => C[keyof C]['answer'],
  refusalOf: (thrown: unknown) => ThreadRefusal,
  transfer: (answer: C[keyof C]['answer']) => readonly Transferable[] = () => [],
): void {
  const port = parentPort;
  if (!port) throw new CheckpointError('failed', 'expected to run on a thread of its own');
  port.on('message', (message: ToThread<C>) => {
    const { id, call } = message;
    let said: FromThread<C>;
    try {
      said = { id, answer: carryOut(message) };
    } catch (thrown) {
      said = { id, refusal: refusalOf(thrown) };
    }
    port.postMessage(said, 'answer' in said ? [...transfer(said.answer)] : []);
    if (call === 'close') port.close();
  });
}
