/** A real guest that traps on one record of many: that record alone is told, whatever the function takes. */
import { messageOf } from '../../../src/foundation/errors.ts';
import { isSandtuneError } from '../../../src/index.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { createStreamProcessor, functionSink, type OnFailed, type Takes } from '../../../src/stream/index.ts';
import type { AloneCell } from './file-cells.ts';
import { trappingGuest } from './trapping-guest.ts';

const recordCount = 400;
const bad = 217;

const policies = {
  fail: 'fail',
  skip: 'skip',
  'dead-letter': 'dead-letter',
  'two more tries': { retries: 2, backoffMs: 0, then: 'skip' },
} as const satisfies Readonly<Record<string, OnFailed>>;

function trapCell(takes: Takes, name: keyof typeof policies): AloneCell {
  return async () => {
    await using sandbox = await createSandbox({
      guests: {
        trapping: {
          module: await trappingGuest(),
          binding: new URL(`./trapping-binding${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
          functions: ['same'],
        },
      },
      threads: 2,
    });
    const letters: number[] = [];
    const given: number[] = [];
    const policy = policies[name];
    const stream = createStreamProcessor(sandbox, {
      function: 'same',
      takes,
      onFailed: policy,
      ...(policy === 'dead-letter' && { deadLetters: ({ offset }) => void letters.push(offset) }),
    });
    const records = Array.from({ length: recordCount }, (_, i) => Buffer.from(i === bad ? '!' : String(i)));
    const sink = functionSink((list) => void given.push(...list.map(({ offset }) => offset)));
    const end = await stream.run([records], sink).then(
      (summary) => summary,
      (error: unknown) => error,
    );
    if (name === 'fail') {
      const isRight =
        isSandtuneError(end) && end.code === 'ERR_SANDTUNE_RECORD_FAILED' && end.message.includes(`record ${bad}:`);
      return isRight && given.every((one, i) => one === i) ? [] : [messageOf(end)];
    }
    const wanted = records.map((_, i) => i).filter((i) => i !== bad);
    const told = name === 'dead-letter' ? letters.join() === String(bad) : letters.length === 0;
    return given.join() === wanted.join() && told
      ? []
      : [`${messageOf(end)}, gave ${given.length}, told ${letters.join()}`];
  };
}

export const guestCells: Readonly<Record<string, AloneCell>> = Object.fromEntries(
  (['record', 'batch', 'shared'] as const).flatMap((takes) =>
    (Object.keys(policies) as (keyof typeof policies)[]).map((name) => [
      `a guest that traps on one record, by ${takes} × ${name}`,
      trapCell(takes, name),
    ]),
  ),
);
