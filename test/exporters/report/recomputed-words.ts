/** Claims of words and of settings: whether the entries that are cited say so. */
import { triggers } from '../../../tuner/entries/triggers.ts';
import type { LedgerFacts } from './ledger-facts.ts';
import type { Recompute } from './recompute.ts';

/** Words quote their entries and hold no number of their own; what stands in them is checked by `quotes`. */
export const quoted: Recompute = (facts, { entries, text, values }) => {
  if (!quotes(facts, entries).some((words) => words !== '' && text.includes(words)))
    throw new Error('no entry that is cited has these words');
  const allow = facts.cited(entries, 'not-tried').flatMap((one) => one.refused?.allow ?? []);
  if (text.startsWith('to allow it: tune('))
    for (const { option, value } of allow)
      if (!text.includes(`${option}: ${typeof value === 'string' ? `'${value}'` : value}`))
        throw new Error(`${option} has to be ${value} as well`);
  return Object.fromEntries(
    Object.keys(values).map((option) => [option, Number(allow.find((one) => one.option === option)?.value)]),
  );
};

function quotes(facts: LedgerFacts, entries: readonly number[]): readonly string[] {
  return entries.flatMap((n) => {
    const entry = facts.numbered[n - 1]?.entry;
    if (entry?.kind === 'event' && entry.event.kind === 'failed') return [entry.event.message];
    if (entry?.kind !== 'record') return [];
    const { record } = entry;
    switch (record.kind) {
      case 'not-tried':
        return [record.reason, ...(record.refused ? ['to allow it: tune('] : []), ...proposalOf(record.settings)];
      case 'probe':
        return proposalOf(record.settings);
      case 'recommendation':
        return [record.reason, record.evidence];
      case 'decision':
        return [record.reason, triggers[record.trigger].says];
      case 'verdict':
        return [record.result.reason, triggers[record.result.trigger].says, 'was proven once'];
      case 'trial':
        return ['the last trial was cut off', 'the last ended because: not known'];
      default:
        return [];
    }
  });
}

function proposalOf(settings: object | null): readonly string[] {
  return Object.entries(settings ?? {}).map(([knob, value]) => `${knob}: ${value}`);
}

/** Each knob that a sentence names has there the value of the last setting that is cited. */
export const setting: Recompute = (facts, { entries, text }) => {
  const settings =
    facts.cited(entries, 'trial').at(-1)?.candidate ??
    facts.cited(entries, 'recommendation').at(-1)?.settings ??
    (text.includes('in force') ? facts.inForce() : facts.start());
  for (const [, knob = '', value = ''] of text.matchAll(
    /(size|batchSize|concurrency) (?:to |\S+ → )?(\S+?)(?=[, ;]|$)/g,
  ))
    if (String(settings[knob]) !== value) throw new Error(`${knob} is ${settings[knob]} in what is cited`);
  return {};
};
