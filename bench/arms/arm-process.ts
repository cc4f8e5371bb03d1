/** An arm in a process of its own: answers what the bench asks it (protocol.ts), and ends with the bench. */
import { messageOf } from '../../src/foundation/errors.ts';
import type { OpenArm } from '../compare.ts';
import { type ArmModule, entriesOf } from './entries.ts';
import type { Answer, Question } from './protocol.ts';

let arm: OpenArm | undefined;

process.on('disconnect', () => process.exit(1));
process.on('message', (question: Question) => {
  answer(question).then(
    (reply) => (reply === null ? process.exit(0) : process.send?.(reply)),
    (error: unknown) =>
      process.send?.({ kind: 'failed', message: messageOf(error) } satisfies Answer, () => process.exit(1)),
  );
});

/** The answer to a question; null where nothing more will be asked. */
async function answer(question: Question): Promise<Answer | null> {
  switch (question.kind) {
    case 'open': {
      const { openArm } = (await import(question.module)) as ArmModule<unknown>;
      arm = await openArm(question.spec, entriesOf(question.package));
      return { kind: 'opened' };
    }
    case 'measure':
      if (!arm) throw new Error('expected open before measure');
      return { kind: 'measured', numbers: await arm.measure(question.share) };
    case 'close':
      await arm?.[Symbol.asyncDispose]();
      return null;
  }
}
