import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ReportData, report } from '../../../exporters/index.ts';
import { renderHtml } from '../../../exporters/report/html/page.ts';
import { renderMarkdown } from '../../../exporters/report/markdown/summary.ts';
import { stripPicture } from '../../../exporters/report/svg/strip.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';
import { xmlFault } from '../../support/well-formed.ts';

const { data } = report(memoryLedger(richStory()));

const longMs = 300_000;

/** Text of a ledger, and how many times each list is repeated. */
const growth = fc.record({
  text: fc.constantFrom('reason ', '& ', '漢', '"', '@you #1 '),
  textLength: fc.constantFrom(1, 100, 1_000, 30_000),
  trials: fc.integer({ min: 1, max: 150 }),
  lists: fc.integer({ min: 1, max: 60 }),
});

test(
  'a page is at most 500 KB, whatever the ledger holds',
  () => {
    fc.assert(
      fc.property(growth, (by) => {
        const page = renderHtml(grown(by));
        expect(Buffer.byteLength(page)).toBeLessThanOrEqual(500_000);
        expect(page).toContain('</footer></main>');
        expect(page).toContain(`<h1>${data.verdict.action}.</h1>`);
      }),
      { numRuns: 6, seed: 1, examples: [[{ text: '"', textLength: 30_000, trials: 150, lists: 60 }]] },
    );
    // Pages that are as long as pages get: a busy machine takes its time for them.
  },
  longMs,
);

test('where even the shortest lists are too long, the verdict and its figures are left', () => {
  const page = renderHtml({ ...data, validity: Array.from({ length: 20_000 }, () => 'It holds for this machine.') });
  expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  expect(page).toContain(`<h1>${data.verdict.action}.</h1>`);
  expect(page).toContain('the JSON has it all');
});

test(
  'Markdown is at most 80 lines and fits in a comment of 65,536 characters, whatever the ledger holds',
  () => {
    fc.assert(
      fc.property(growth, (by) => {
        const lines = renderMarkdown(grown(by)).trimEnd().split('\n');
        expect(lines.length).toBeLessThanOrEqual(80);
        expect(lines.join('\n').length).toBeLessThanOrEqual(65_536);
      }),
      { numRuns: 25, seed: 1, examples: [[{ text: '"', textLength: 30_000, trials: 150, lists: 60 }]] },
    );
  },
  longMs,
);

test(
  'where there is room, a page has all its pictures; where texts are long, they are cut before the verdict is',
  () => {
    expect(renderHtml(data).match(/<div class="trial">/g)).toHaveLength(data.trials.length);
    const page = renderHtml(grown({ text: 'reason ', textLength: 30_000, trials: 150, lists: 60 }));
    expect(page).toContain(`${'reason '.repeat(20)}`);
    expect(page).toMatch(/reason[^<]{0,7}…/);
    expect(page).toContain('more in the JSON');
  },
  longMs,
);

test(
  'a page stays well-formed when its texts are cut, and its paths are never cut',
  () => {
    const page = renderHtml(grown({ text: '"', textLength: 30_000, trials: 100, lists: 40 }));
    const body = /<body>\n([\s\S]*)\n<\/body>/.exec(page)?.[1] ?? expect.fail('no body');
    expect(xmlFault(`<body>${body.replaceAll('\u00a0', ' ')}</body>`)).toBeNull();
    const picture = stripPicture(data.trials[2]!, data.objective!)?.clippedTo(40) ?? expect.fail('no picture');
    for (const [, d] of picture.matchAll(/ d="([^"]*)"/g)) expect(d).not.toContain('…');
  },
  longMs,
);

function grown(by: { text: string; textLength: number; trials: number; lists: number }): ReportData {
  const text = by.text.repeat(Math.ceil(by.textLength / by.text.length)).slice(0, by.textLength);
  const many = <T>(items: readonly T[], count: number): T[] => Array.from({ length: count }, () => items).flat();
  return {
    ...data,
    trials: many(data.trials, by.trials).map((one, i) => ({
      ...one,
      trial: i + 1,
      proposalReason: text,
      reason: text,
      guardrails: one.guardrails.map((each) => ({ ...each, detail: text })),
      checks: one.checks.map((each) => ({ ...each, detail: text })),
    })),
    reverts: many(data.reverts, by.lists).map((one) => ({ ...one, reason: text })),
    points: many(data.points, by.lists).map((one) => ({ ...one, label: text })),
    predictions: many(data.predictions, by.lists).map((one) => ({ ...one, model: text })),
    notTried: many(data.notTried, by.lists).map((one) => ({ ...one, reason: text })),
    validity: many(data.validity, by.lists).map(() => text),
    notes: many(data.notes, by.lists).map(() => ({ code: 'other' as const, title: text, text })),
    latency: {
      ...data.latency,
      functions: many(data.latency.functions, by.lists).map((one) => ({ ...one, name: text })),
    },
    settings: {
      ...data.settings,
      knobs: many(data.settings.knobs, by.lists).map((one, i) => ({
        ...one,
        id: i < 4 ? one.id : `${i}`,
        source: text,
      })),
      patches: many(data.settings.patches, by.lists).map((one) => ({
        ...one,
        patch: { before: text, after: `${text}\n${text}` },
      })),
    },
  };
}
