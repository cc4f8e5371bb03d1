import { expect, it } from 'vitest';
import { fateOf, stageReached } from '../../../src/sandbox/run/after-death.ts';
import { condemned, notBegun } from '../../../src/sandbox/run/protocol.ts';

const plain = { contained: true, idempotent: false, retried: false };
const fates = (running: number, member: Partial<typeof plain>) =>
  [0, 1, 2, 3].map((index) => fateOf(running, index, { ...plain, ...member }));

it('repeats everything when the worker died before it began', () => {
  expect(fates(notBegun, {})).toEqual(['retry', 'retry', 'retry', 'retry']);
});

it('gives up the running call and repeats the others', () => {
  expect(fates(1, {})).toEqual(['retry', 'lost', 'retry', 'retry']);
});

it('does not repeat a finished call that something outside may have seen', () => {
  expect(fates(2, { contained: false })).toEqual(['lost', 'lost', 'lost', 'retry']);
});

it('repeats even the running call when it is idempotent', () => {
  expect(fates(1, { idempotent: true, contained: false })).toEqual(['retry', 'retry', 'retry', 'retry']);
});

it('repeats nothing twice', () => {
  expect(fates(1, { idempotent: true, retried: true })).toEqual(['lost', 'lost', 'lost', 'lost']);
});

it('times out the condemned call alone', () => {
  expect(fates(condemned(2), {})).toEqual(['retry', 'retry', 'timeout', 'retry']);
  expect(fates(condemned(0), { contained: false })).toEqual(['timeout', 'retry', 'retry', 'retry']);
});

it('treats all as finished when the answer was lost on its way', () => {
  expect(fates(4, {})).toEqual(['retry', 'retry', 'retry', 'retry']);
  expect(fates(4, { contained: false })).toEqual(['lost', 'lost', 'lost', 'lost']);
});

it('says how far each member had come', () => {
  const stages = (running: number, entered: boolean) => [0, 1, 2].map((index) => stageReached(running, entered, index));
  expect(stages(1, true)).toEqual(['return', 'execute', 'queue']);
  expect(stages(condemned(1), false)).toEqual(['return', 'start', 'queue']);
  expect(stages(notBegun, false)).toEqual(['queue', 'queue', 'queue']);
});
