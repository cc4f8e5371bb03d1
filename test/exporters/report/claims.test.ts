/**
 * The verdict never states what the ledger does not: every statement of 200 reports, of sessions of real
 * tuners cut anywhere, is computed anew from the entries that it cites.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClaimData, type ReportData, report } from '../../../exporters/index.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { cutAnywhere, generatedSession } from '../../support/generated-sessions.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { toldStories } from '../../support/told-stories.ts';
import { claimFaults } from './claim-faults.ts';
import { LedgerFacts } from './ledger-facts.ts';
import { wordFaults } from './word-faults.ts';

const sessions = 40;
const cuts = 5;

interface Told {
  readonly facts: LedgerFacts;
  readonly data: ReportData;
  readonly markdown: string;
}

/** Of generated histories, and of stories that few of these meet. */
const told: Told[] = [];
const stories = toldStories();

beforeAll(async () => {
  for (let seed = 1; seed <= sessions; seed++)
    for (const entries of cutAnywhere(await generatedSession(seed), cuts, seed)) told.push(tell(entries));
  told.push(...stories.map(tell));
}, 600_000);

function tell(entries: readonly Entry[]): Told {
  const { data, markdown } = report(memoryLedger(entries));
  return { facts: new LedgerFacts(entries), data, markdown };
}

describe('the claims of 200 generated histories', () => {
  it('every claim of 200 histories is what the entries say that it cites', () => {
    expect(told).toHaveLength(sessions * cuts + stories.length);
    for (const { facts, data } of told) expect(claimFaults(facts, data)).toEqual([]);
  });

  it('no report contradicts itself: figures of the same windows agree, and nothing is told as known or to come that is not', () => {
    for (const one of told) expect(wordFaults(one)).toEqual([]);
  });

  it('the histories meet every kind of verdict and of claim', () => {
    const kinds = new Set(told.map(({ data }) => data.verdict.kind));
    expect([...kinds].sort()).toEqual(['ask', 'change', 'no-change', 'not-judged', 'refused', 'suggestion']);
    const claims = new Set(told.flatMap(({ data }) => data.claims.map((one) => one.kind)));
    for (const kind of [
      'alarm',
      'crowded',
      'swept',
      'gain',
      'proof',
      'looks',
      'refusal',
      'noise',
      'throughput',
      'latency',
      'reverted',
      'cost',
    ])
      expect(claims, kind).toContain(kind);
  });

  it('a claim whose number is falsified is found, whichever it is', () => {
    const missed = falsified((claim) =>
      Object.keys(claim.values).map((name) => ({
        ...claim,
        values: { ...claim.values, [name]: 1.37 * (claim.values[name] as number) + 0.01 },
      })),
    );
    expect(missed).toEqual([]);
  });

  it('a claim whose words name another figure is found', () => {
    const missed = falsified((claim) => {
      if (['words', 'refusal', 'setting'].includes(claim.kind)) return [];
      const text = claim.text.replace(/[\d.]+(?= %| pair)/, '777');
      return text === claim.text ? [] : [{ ...claim, text }];
    });
    expect(missed).toEqual([]);
  });

  it('a claim that cites another entry is found', () => {
    const missed = falsified((claim) => {
      if (
        claim.entries.length === 0 ||
        ['alarm', 'crowded'].includes(claim.kind) ||
        Object.keys(claim.values).length === 0
      )
        return [];
      return 'minGain' in claim.values || 'revertAt' in claim.values ? [] : [{ ...claim, entries: [1] }];
    });
    expect(missed).toEqual([]);
  });

  it('a verdict with a number that no claim answers for is found', () => {
    for (const { facts, data } of told.slice(0, 20)) {
      const line = `${data.verdict.line} It gains 12 %.`;
      expect(claimFaults(facts, { ...data, verdict: { ...data.verdict, line } })).not.toEqual([]);
    }
  });
});

/** Changed claims that were not found out: an infinite end stays what it is, whatever it is multiplied with. */
function falsified(change: (claim: ClaimData) => readonly ClaimData[]): readonly string[] {
  return told.flatMap(({ facts, data }) =>
    data.claims.flatMap((claim) =>
      change(claim).flatMap((one) => {
        if (JSON.stringify(one) === JSON.stringify(claim)) return [];
        return claimFaults(facts, { verdict: data.verdict, claims: [one] }).some((fault) =>
          fault.startsWith(`${one.kind} '`),
        )
          ? []
          : [`${one.kind} '${one.text}' ${JSON.stringify(one.values)}`];
      }),
    ),
  );
}
