import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usableMemory } from '../../src/foundation/memory.ts';
import { defaultGuardrails, parseGoal, parseGuardrail } from '../../tuner/goal.ts';

const refused = (sentence: string | RegExp) =>
  expect.objectContaining({ code: 'ERR_SANDTUNE_GOAL', message: expect.stringMatching(sentence) });
const thrownBy = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return 'nothing thrown';
};

describe('the objective', () => {
  test('the objective is goodput with an SLO, else throughput', () => {
    expect(parseGoal({ sloMs: 50 }).objective).toEqual({ metric: 'goodput', direction: 'maximize', sloMs: 50 });
    expect(parseGoal({ maximize: 'goodput', sloMs: 50 }).objective).toEqual({
      metric: 'goodput',
      direction: 'maximize',
      sloMs: 50,
    });
    expect(parseGoal({}).objective).toEqual({ metric: 'throughput', direction: 'maximize' });
    expect(parseGoal({ maximize: 'throughput' }).objective).toEqual({ metric: 'throughput', direction: 'maximize' });
  });

  test.each([{ maximize: 'throughput' }, { minimize: 'mean' }, { minimize: 'cpu' }] as const)(
    'an SLO beside %o is refused, which would have no effect',
    (words) => {
      expect(thrownBy(() => parseGoal({ ...words, sloMs: 50 }))).toEqual(
        refused(/sloMs: expected with maximize: 'goodput'/),
      );
    },
  );

  test('the objective goodput is refused without an SLO, and the refusal names it', () => {
    expect(thrownBy(() => parseGoal({ maximize: 'goodput' }))).toEqual(refused(/expected sloMs/));
  });

  test('the objective may be minimised', () => {
    expect(parseGoal({ minimize: 'mean' }).objective).toEqual({ metric: 'mean', direction: 'minimize' });
    expect(parseGoal({ minimize: 'cpu' }).objective).toEqual({ metric: 'cpu', direction: 'minimize' });
  });

  test('an unclear objective is refused with what came', () => {
    expect(thrownBy(() => parseGoal({ maximize: 'throughput', minimize: 'mean' }))).toEqual(
      refused(/got both \("throughput", "mean"\)/),
    );
    expect(thrownBy(() => parseGoal({ maximize: 'speed' as 'goodput' }))).toEqual(
      refused(/'goodput' or 'throughput', got "speed"/),
    );
    expect(thrownBy(() => parseGoal({ minimize: 'p99' as 'mean' }))).toEqual(refused(/'mean' or 'cpu', got "p99"/));
    for (const sloMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '50' as never])
      expect(thrownBy(() => parseGoal({ maximize: 'throughput', sloMs }))).toMatchObject({
        code: 'ERR_SANDTUNE_OPTION',
      });
    expect(thrownBy(() => parseGoal({ subjectTo: 'p99 < 50ms' as never }))).toEqual(refused(/a list of sentences/));
    expect(thrownBy(() => parseGoal({ subjectTo: [5, null] as never }))).toEqual(refused(/a sentence like/));
    expect(thrownBy(() => parseGoal({ subjectTo: [`mean < ${'9'.repeat(308)}s`] }))).toEqual(
      refused(/a sentence like/),
    );
    expect(thrownBy(() => parseGoal({ maximize: 'goodput', sloMs: -1 }))).toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
      message: expect.stringContaining('sloMs'),
    });
  });
});

describe('a guardrail', () => {
  test.each([
    ['p99 < 50ms', { kind: 'absolute', metric: 'p99', limit: 50 }],
    ['p99.9<0.25s', { kind: 'absolute', metric: 'p99.9', limit: 250 }],
    ['mean < 800us', { kind: 'absolute', metric: 'mean', limit: 0.8 }],
    ['p50 < 800µs', { kind: 'absolute', metric: 'p50', limit: 0.8 }],
    ['cpu < 2ms', { kind: 'absolute', metric: 'cpu', limit: 2 }],
    ['errors < 0.1%', { kind: 'absolute', metric: 'errors', limit: 0.001 }],
    ['errors < 0.02', { kind: 'absolute', metric: 'errors', limit: 0.02 }],
    ['p99 within 10%', { kind: 'relative', metric: 'p99', margin: 0.1 }],
    ['errors within 0.1pp', { kind: 'relative', metric: 'errors', margin: 0.001 }],
    ['cpu within 5 %', { kind: 'relative', metric: 'cpu', margin: 0.05 }],
  ])('%s is understood', (text, expected) => {
    const parsed = parseGuardrail(text);
    const { text: said, ...rest } = parsed;
    const number = 'limit' in rest ? rest.limit : rest.margin;
    expect(number).toBeCloseTo(
      (expected as { limit?: number; margin?: number }).limit ?? (expected as { margin: number }).margin,
      12,
    );
    expect(rest).toMatchObject({ kind: expected.kind, metric: expected.metric });
    expect(said).toBe(text);
  });

  test('a guardrail keeps its words, without stray space', () => {
    expect(parseGuardrail('  p99   <  50ms ').text).toBe('p99 < 50ms');
  });

  test.each([
    '',
    'p99',
    'p99 > 50ms',
    'p99 < 50',
    'p99 < -5ms',
    'p99 < 0ms',
    'p99 < 50%',
    'p100 < 5ms',
    'p < 5ms',
    'latency < 5ms',
    'errors < 5ms',
    'errors < 2',
    'errors within 10%',
    'p99 within 5pp',
    'p99 within 10',
    'p99 within 10ms',
    'p99 < 1.2.3ms',
    'p99 < 50ms!',
  ])('%j is refused, and shown', (text) => {
    expect(thrownBy(() => parseGuardrail(text))).toEqual(refused(/^subjectTo: expected a sentence like/));
    expect(String((thrownBy(() => parseGuardrail(text)) as Error).message)).toContain(JSON.stringify(text));
  });

  test('a guardrail is either understood or refused as a goal, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const thrown = thrownBy(() => parseGuardrail(text));
        if (thrown !== 'nothing thrown') expect(thrown).toEqual(refused(/subjectTo/));
      }),
    );
  });

  test('a guardrail of any metric has the number that was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999 }),
        fc.constantFrom('mean', 'cpu', 'p50', 'p99.99'),
        (number, metric) => {
          expect(parseGuardrail(`${metric} < ${number / 100}ms`)).toMatchObject({ limit: number / 100 });
        },
      ),
    );
  });
});

test('the guardrails are the defaults when none are given, and none when none are wanted', () => {
  expect(parseGoal({}).guardrails.map((one) => one.text)).toEqual([...defaultGuardrails]);
  expect(parseGoal({ subjectTo: [] }).guardrails).toEqual([]);
});

describe('limits of memory', () => {
  test.each([
    ['rss < 1.5GB', 1.5e9],
    ['rss < 300MB', 3e8],
    ['rss < 900 KB', 9e5],
    ['rss<2GiB', 2 ** 31],
    ['rss < 512MiB', 2 ** 29],
    ['rss < 64KiB', 2 ** 16],
    ['rss < 1000000B', 1e6],
  ])('%s is a limit in bytes', (text, limit) => {
    expect(parseGuardrail(text)).toEqual({ kind: 'absolute', metric: 'rss', limit, text });
  });

  test('a limit in per cent is of the memory that the process may use', () => {
    expect(parseGuardrail('rss < 70%')).toMatchObject({ limit: 0.7 * usableMemory().bytes, text: 'rss < 70%' });
    expect(thrownBy(() => parseGuardrail('rss < 101%'))).toEqual(refused(/a sentence like/));
  });

  test('no other metric is told in bytes, and memory in nothing else', () => {
    for (const text of ['rss < 1.5', 'rss < 50ms', 'rss < 1TB', 'p99 < 50MB', 'errors < 1B', 'rss < 5gb'])
      expect(thrownBy(() => parseGuardrail(text))).toEqual(refused(/expected a sentence like .*'rss < 1.5GB'/));
  });

  test('a margin of memory is refused, since two settings in turns share it', () => {
    expect(thrownBy(() => parseGuardrail('rss within 10%'))).toEqual(
      refused(/expected a limit of rss, like 'rss < 1.5GB' or 'rss < 70%', got "rss within 10%": .* share the memory/),
    );
  });
});
