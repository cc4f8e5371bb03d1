import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Entry, Remark, TunerRecord } from '../../../tuner/entries/entries.ts';
import { resolveTuneOptions, type TuneOptions } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';

const story = richStory();
const outputs = ['html', 'markdown', 'json'] as const;
const plain = report(memoryLedger(story));

/** The story with every record of a kind changed. */
function withRecord<K extends TunerRecord['kind']>(
  kind: K,
  change: (record: Extract<TunerRecord, { kind: K }>) => TunerRecord,
): Entry[] {
  return story.map((entry) =>
    entry.kind === 'record' && entry.record.kind === kind
      ? { ...entry, record: change(entry.record as Extract<TunerRecord, { kind: K }>) }
      : entry,
  );
}

function withRemark<K extends Remark['kind']>(
  kind: K,
  change: (remark: Extract<Remark, { kind: K }>) => Remark,
): Entry[] {
  return story.map((entry) =>
    entry.kind === 'remark' && entry.remark.kind === kind
      ? { ...entry, remark: change(entry.remark as Extract<Remark, { kind: K }>) }
      : entry,
  );
}

/** Words that must be in all three outputs, and in none before the change. */
const changes: readonly {
  readonly what: string;
  readonly entries: Entry[];
  readonly says: readonly [html: string, markdown: string, json: string];
}[] = [
  {
    what: 'the noise floor',
    entries: withRecord('noise', (one) => ({ ...one, fullTrial: { ...one.fullTrial, floor: 0.0777 } })),
    says: ['+7.8 %', '+7.8 % / −7.2 %', '0.0777'],
  },
  {
    what: 'why a setting was reverted',
    entries: withRecord('decision', (one) =>
      one.decision === 'revert' ? { ...one, reason: 'marker of a reason' } : one,
    ),
    says: ['marker of a reason', 'marker of a reason', 'marker of a reason'],
  },
  {
    what: 'how many calls a revert affected',
    entries: withRecord('decision', (one) => (one.decision === 'revert' ? { ...one, callsAffected: 86_421 } : one)),
    says: ['86,421', '86,421', '86421'],
  },
  {
    what: 'the time to detect',
    entries: withRecord('decision', (one) => (one.decision === 'revert' ? { ...one, afterMs: 4_321_000 } : one)),
    says: ['4321 s', '4321 s', '4321000'],
  },
  {
    what: 'the evidence',
    entries: withRecord('verdict', (one) => ({ ...one, result: { ...one.result, eValue: 77_000 } })),
    says: ['at most once in 77,000', 'at most once in 77,000', '77000'],
  },
  {
    what: 'the sealed prediction',
    entries: withRecord('sealed', (one) =>
      one.predicted
        ? { ...one, predicted: { ...one.predicted, gain: { ...one.predicted.gain, estimate: 6.6642 } } }
        : one,
    ),
    says: ['+666 %', '+666 %', '6.6642'],
  },
  {
    what: 'the edit to paste',
    entries: withRemark('patch', (one) => ({
      ...one,
      patches: one.patches.map((each) => ({ ...each, patch: { ...each.patch, after: '  marker: 64,' } })),
    })),
    says: ['+   marker: 64,', '+   marker: 64,', '"  marker: 64,"'],
  },
  {
    what: 'a swept point',
    entries: withRemark('sweep', (one) => ({
      ...one,
      points: one.points.map((each) => ({ ...each, metric: { ...each.metric, estimate: 123_000 } })),
    })),
    says: ['123 k/s', '123 k/s', '123000'],
  },
  {
    what: 'the cost of measuring',
    entries: withRemark('overhead', (one) => ({ ...one, fraction: { ...one.fraction, estimate: 0.034517 } })),
    says: ['3.5 %', 'cost of measuring 3.5 %', '0.034517'],
  },
  {
    what: 'calls that are not accounted for',
    entries: withRemark('accounting', (one) => ({ ...one, offered: one.offered + 17 })),
    says: ['17 calls are missing', '17 calls are missing', '"difference": 17'],
  },
];

for (const { what, entries, says } of changes) {
  test(`${what} comes from the ledger into all three outputs`, () => {
    const changed = report(memoryLedger(entries));
    for (const [i, output] of outputs.entries()) {
      const words = says[i] ?? expect.fail('no words');
      const text = output === 'html' ? bare(changed.html) : changed[output];
      const before = output === 'html' ? bare(plain.html) : plain[output];
      expect(text, `${output} of the changed ledger`).toContain(words);
      expect(before, `${output} before the change`).not.toContain(words);
    }
  });
}

test('the seed, the session and the replay verdict say how to get it again', () => {
  const replay = {
    sessions: 1,
    pruned: 0,
    damaged: [],
    events: 10,
    records: 1_234,
    decisions: 4,
    identical: true,
    difference: null,
  };
  const { html, markdown, json } = report(memoryLedger(richStory({ seed: 31_337, session: 88 })), { replay });
  expect(html).toContain('seed: 31337');
  expect(html).toContain('same 1,234 records');
  expect(markdown).toContain('Seed 31337, session 88, replay identical (1,234 records)');
  expect(JSON.parse(json).reproduce).toMatchObject({ seed: 31_337, session: 88, replay: { identical: true } });
});

test('the call a report prints gives the options of its session when it is run', () => {
  const tune = {
    maximize: 'throughput',
    subjectTo: ['p99 < 50ms', 'errors < 1%'],
    stateDir: "it's here",
    fixed: { threads: 4, 'batch-size': 8 },
    expert: { windowMs: 250, minGain: 0.1 },
  } as const;
  const entries = richStory({ tune });
  const { call } = report(memoryLedger(entries)).data.reproduce ?? {};
  const given: TuneOptions = runInNewContext(String(call), {
    executor: null,
    tune: (_: unknown, options: TuneOptions) => options,
  });
  const { options, goal } = resolveTuneOptions(given);
  expect(entries[0]).toMatchObject({ options, goal });
  expect(given.expert).toEqual(tune.expert);
});

test('a replay that differs is not shown as a detail', () => {
  const replay = {
    sessions: 1,
    pruned: 0,
    damaged: [],
    events: 10,
    records: 3,
    decisions: 0,
    identical: false,
    difference: null,
  };
  const { html, markdown } = report(memoryLedger(story), { replay });
  expect(html).toContain('differs after 3 records');
  expect(markdown).toContain('**differs**');
});

test('windows that were dropped are named, and a replay of nothing proves nothing', () => {
  const dropped: Entry = { kind: 'remark', session: 4071, remark: { kind: 'pruned', windows: 1200 } };
  const ledger = memoryLedger([...story, dropped]);
  const { data, html } = report(ledger, { replay: replay(ledger) });
  expect(data.validity.join(' ')).toContain('the oldest 1,200 were dropped');
  expect(data.reproduce?.replay).toBeNull();
  expect(html).not.toContain('byte for byte');
});

test('broken guardrails and failed checks are named where the trial is', () => {
  const entries = withRecord('verdict', (one) => ({
    ...one,
    result: {
      ...one.result,
      guardrails: one.result.guardrails.map((each) => ({ ...each, state: 'broken' as const })),
      checks: one.result.checks.map((each) =>
        each.name === 'effective' ? { ...each, passed: false, detail: 'asked 64, got 32' } : each,
      ),
    },
  }));
  const { html, data } = report(memoryLedger(entries));
  expect(html).toContain('p99 within 10%: broken');
  expect(html).toContain('check effective: failed, asked 64, got 32');
  expect(data.validity.join(' ')).toContain('Checks that did not pass: trial 1, effective: asked 64, got 32');
});

test('a session that follows another process says so, and why it does not any more', () => {
  const follow = (outcome: 'taken' | 'left' | 'refused') => {
    const [session] = story;
    const record = { kind: 'follow', settings: { batchSize: 64 }, outcome, unjudged: [], reason: 'told' } as const;
    const entries = [...story, { kind: 'record', session: session?.session ?? 0, record } as const];
    return report(memoryLedger(entries)).data.validity.join(' ');
  };
  expect(follow('taken')).toContain('it follows the process that tunes, which stands on batchSize 64.');
  expect(follow('left')).toContain('batchSize 64, was left for the configured default: told.');
  expect(follow('refused')).toContain('batchSize 64, is not followed: told.');
  expect(plain.data.validity.join(' ')).not.toContain('follow');
});

/** The page as a reader sees it: tags gone, non-breaking spaces as spaces. */
function bare(html: string): string {
  return html.replace(/<[^>]+>/g, '').replaceAll('\u00a0', ' ');
}
