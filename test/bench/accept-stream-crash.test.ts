import { expect, it } from 'vitest';
import { streamCrash } from '../../bench/accept/stream-crash.ts';
import { streamKill } from '../../bench/accept/stream-kill.ts';
import { findProgram } from '../support/require-program.ts';

const strace = findProgram('strace', 'apt-get install strace');
const progress = () => undefined;

it.skipIf(strace.missing)(
  `a few calls at which a job is killed, and its next life ends as promised${strace.note}`,
  async () => {
    const { rows } = await streamCrash.run({ count: 6, seed: 3, progress });
    expect(rows.filter(({ passed }) => passed === false)).toEqual([]);
    expect(rows.find(({ name }) => name === 'files: of these a job was killed at')?.value).toBeGreaterThan(0);
  },
);

it('a few kills at random moments, of a job whose guest keeps state too, and the output is as promised', async () => {
  const { rows } = await streamKill.run({ count: 12, seed: 3, progress });
  expect(rows.filter(({ passed }) => passed === false)).toEqual([]);
});
