import { expect, it } from 'vitest';
import { notApplied } from '../../../../exporters/terminal/check/judge.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { historyOf, type SessionHistory } from '../../../../tuner/history.ts';
import { sampleStart } from '../../../support/sample-ledger.ts';
import { noChangeStory, richStory } from '../../../support/sample-stories.ts';

const sessionOf = (entries: readonly Entry[]) => historyOf(entries).sessions[0] as SessionHistory;
const proven = sessionOf(richStory({ session: 1 }));
const later = sessionOf(noChangeStory({ session: 2 }));

/** `session` as it would be had somebody written `configured` into the program. */
function configuredWith(session: SessionHistory, configured: Readonly<Record<string, number>>): SessionHistory {
  const knobs = session.entry.knobs.map((knob) => ({
    ...knob,
    defaultValue: configured[knob.id] ?? knob.defaultValue,
  }));
  return { ...session, entry: { ...session.entry, knobs } };
}

it('a setting that was proven and is not configured is not applied, in its own session and in later ones', () => {
  for (const sessions of [[proven], [proven, later]])
    expect(notApplied(sessions)).toMatchObject({
      session: 1,
      proven: { batchSize: 64, threads: 2 },
      configured: { batchSize: 1, threads: 3 },
    });
});

it('a setting that was proven and is configured since is applied', () => {
  expect(notApplied([proven, configuredWith(later, { batchSize: 64, threads: 2 })])).toBeNull();
  expect(notApplied([proven, configuredWith(later, { batchSize: 64 })])).toMatchObject({ proven: { threads: 2 } });
});

it('a setting that was proven and is kept over restarts is applied', () => {
  const kept = { ...later, anchor: { ...sampleStart, batchSize: 64, threads: 2 } };
  expect(notApplied([proven, kept])).not.toBeNull();
  const { entry } = kept;
  expect(
    notApplied([proven, { ...kept, entry: { ...entry, options: { ...entry.options, persist: true } } }]),
  ).toBeNull();
});

it('where nothing was proven nothing is left out', () => {
  expect(notApplied([later])).toBeNull();
  expect(notApplied([])).toBeNull();
});
