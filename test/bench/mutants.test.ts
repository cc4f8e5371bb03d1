/** The faults that `npm run accept -- mutants` puts into the tuner: that each still has its place. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../bench/accept/mutants/list.ts';
import { type Mutant, mutated } from '../../bench/accept/mutants/mutant.ts';
import { refusalOf } from '../support/refusal.ts';

const root = new URL('../../', import.meta.url);

it.each(mutants.map((one) => [one.name, one] as const))(
  'the fault that %s has its place in the code, and tests that are there',
  (_, one) => {
    const text = readFileSync(new URL(one.file, root), 'utf8');
    expect(mutated(text, one)).not.toBe(text);
    expect(one.tests.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
    expect(one.tests.length).toBeGreaterThan(0);
  },
);

it('every fault has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

describe('a fault', () => {
  const fault: Mutant = { name: 'x', file: 'a.ts', find: 'a > b', put: '$& || true', tests: [] };

  it('a fault is put into its place word for word', () => {
    expect(mutated('if (a > b) return;', fault)).toBe('if ($& || true) return;');
  });

  it.each(['if (a >= b) return;', 'a > b && a > b'])('a fault whose place is not there once is refused: %s', (text) => {
    expect(refusalOf(() => mutated(text, fault))).toMatch(
      /^ERR_SANDTUNE_INPUT mutant 'x': expected its place once in a\.ts, found it [02] times$/,
    );
  });
});
