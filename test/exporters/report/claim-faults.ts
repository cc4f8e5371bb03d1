/** What is wrong with the claims of a report, held against its ledger: values, words, and what is claimed by nobody. */
import type { ClaimData, ReportData } from '../../../exporters/index.ts';
import { metricText } from '../../../exporters/words/metric.ts';
import { changeText, shareText, wholeText } from '../../../exporters/words/numbers.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { brokenNow, keptNow, type Limit, newestEnough } from '../../../tuner/trial/limits-now.ts';
import type { LedgerFacts } from './ledger-facts.ts';
import { recomputed } from './recomputed.ts';

export function claimFaults(facts: LedgerFacts, data: Pick<ReportData, 'claims' | 'verdict'>): readonly string[] {
  return [
    ...data.claims.flatMap((claim) => faultsOf(facts, claim)),
    ...unclaimed(data),
    ...misnamed(facts, data),
    ...untold(facts, data),
  ];
}

function faultsOf(facts: LedgerFacts, claim: ClaimData): readonly string[] {
  const fault = (what: string) => `${claim.kind} '${claim.text}' (entries ${claim.entries.join(', ')}): ${what}`;
  const beyond = claim.entries.filter((n) => !(n >= 1 && n <= facts.numbered.length));
  if (beyond.length > 0) return [fault(`there is no entry ${beyond.join(', ')}`)];
  let right: Readonly<Record<string, number>>;
  try {
    right = recomputed[claim.kind](facts, claim);
  } catch (error) {
    return [fault((error as Error).message)];
  }
  const wrong = [...new Set([...Object.keys(claim.values), ...Object.keys(right)])].filter(
    (name) => !isClose(claim.values[name], right[name]),
  );
  return [
    ...wrong.map((name) => fault(`${name} is ${right[name]} in the ledger, not ${claim.values[name]}`)),
    ...unworded(claim).map((number) => fault(`'${number}' is none of its values`)),
  ];
}

/** Limits that the newest windows at the setting in force do not keep, and of which nothing is said. */
function untold(facts: LedgerFacts, { claims }: Pick<ReportData, 'claims'>): readonly string[] {
  const limits = facts.guardrails().flatMap((one) => (one.kind === 'absolute' ? [one] : []));
  const broken = brokenNow(limits, newestEnough(limits, facts.windowsInForce()));
  const alarm = claims.flatMap((one) => (one.kind === 'alarm' ? [one.text] : [])).join('; ');
  return [
    ...broken.flatMap(({ limit }) => (alarm.includes(limit.text) ? [] : [`that ${limit.text} is broken is not said`])),
    ...limits.flatMap((limit) =>
      new RegExp(`${limit.text}[^:;]* from the start`).test(alarm) && !brokenAtFirst(facts, limit)
        ? [`${limit.text} was kept at the start`]
        : [],
    ),
  ];
}

/** Whether the first windows at the setting of the start, as many as it takes, break a limit. */
function brokenAtFirst(facts: LedgerFacts, limit: Limit): boolean {
  const atStart = facts.windows.flatMap(({ window }) =>
    window.steady && sameSettings(window.settings, facts.start()) ? [window] : [],
  );
  for (let count = 2; count <= atStart.length; count++) {
    const first = atStart.slice(0, count);
    if (brokenNow([limit], first).length > 0) return true;
    if (keptNow([limit], first).length > 0) return false;
  }
  return false;
}

/** A change is one that became the anchor; what did not is proven once at most. */
function misnamed(facts: LedgerFacts, { claims, verdict }: Pick<ReportData, 'claims' | 'verdict'>): readonly string[] {
  if (verdict.kind !== 'change') return [];
  const { entries = [] } = claims.find((one) => one.kind === 'setting') ?? {};
  const last = facts.cited(entries, 'trial').at(-1);
  const isAnchor = last && facts.all('anchor').some((one) => sameSettings(one.settings, last.candidate));
  return isAnchor ? [] : [`'${verdict.action}' is called a change, and no entry says that it is the anchor`];
}

function isClose(a = Number.NaN, b = Number.NaN): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
}

/** Figures in the words that are no value of the claim, as each may be written. */
function unworded({ kind, text, values }: ClaimData): readonly string[] {
  if (kind === 'words' || kind === 'refusal' || kind === 'setting') return [];
  const written = new Set(Object.values(values).flatMap(spellings));
  return figuresIn(text).filter((figure) => !written.has(figure));
}

/** '+1.2 %', '14.8 k', '12 ms', '60 pairs': the numbers of a sentence with what they count. */
function figuresIn(text: string): readonly string[] {
  const whole = text
    // Settings, trials, percentiles and the limits of the goal are names.
    .replaceAll(/(?:size|batchSize|concurrency|threads) (?:\S+ → )?[\d.]+/g, '')
    .replaceAll(/trials? \d+|\bp\d[\d.]*( < \S+| within \S+)?|(?:errors|mean|cpu) < \S+/g, '')
    .replaceAll(/([+−]?[\d.]+)…/g, '$1 % … ');
  return [...whole.matchAll(/[+−]?\d[\d.,]*(?: (?:%|[nµm]?s\b|[kM]\b))?/g)].map(([figure]) =>
    figure.replace(/[.,]$/, ''),
  );
}

function spellings(value: number): readonly string[] {
  if (!Number.isFinite(value)) return [];
  const percents = [0, 1, 2].map((digits) => shareText(value, digits));
  const signed = [0, 1].flatMap((digits) => [`+${shareText(value, digits)}`, shareText(value, digits)]);
  const gain = 1 / (1 + value) - 1;
  return [
    ...percents,
    ...percents.map((one) => one.replace(/^[−+]/, '')),
    ...signed,
    changeText(value),
    changeText(gain),
    metricText('throughput', value).replace('/s', ''),
    durationText(value),
    wholeText(value),
    String(value),
    '< 0.01 %'.slice(2),
  ].map((one) => one.replace(/^< /, ''));
}

/** Digits in the verdict that stand in no claim: a number that nobody answers for. */
function unclaimed({ claims, verdict }: Pick<ReportData, 'claims' | 'verdict'>): readonly string[] {
  const texts = claims.map((one) => one.text).toSorted((a, b) => b.length - a.length);
  return [verdict.line, verdict.why].flatMap((line) => {
    const rest = texts.reduce((left, text) => (text === '' ? left : left.replaceAll(text, '')), line);
    return /\d/.test(rest) ? [`'${rest.trim()}' is claimed by nobody`] : [];
  });
}
