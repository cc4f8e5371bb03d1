import { expect, it } from 'vitest';
import { notApplied, provenOnce } from '../../../../exporters/terminal/check/judge.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { historyOf, type SessionHistory } from '../../../../tuner/history.ts';
import { SampleSession, sampleStart } from '../../../support/sample-ledger.ts';
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
    expect(notApplied(sessions)).toMatchObject([
      {
        session: { entry: { session: 1 } },
        proven: { batchSize: 64, threads: 2 },
        configured: { batchSize: 1, threads: 3 },
        gone: {},
      },
    ]);
});

it('a setting that was proven and is configured since is applied', () => {
  expect(notApplied([proven, configuredWith(later, { batchSize: 64, threads: 2 })])).toEqual([]);
  expect(notApplied([proven, configuredWith(later, { batchSize: 64 })])).toMatchObject([{ proven: { threads: 2 } }]);
});

it('a setting that was proven and is kept over restarts is applied', () => {
  const kept = { ...later, anchor: { ...sampleStart, batchSize: 64, threads: 2 } };
  expect(notApplied([proven, kept])).toHaveLength(1);
  const { entry } = kept;
  expect(notApplied([proven, { ...kept, entry: { ...entry, options: { ...entry.options, persist: true } } }])).toEqual(
    [],
  );
});

it('where nothing was proven nothing is left out', () => {
  expect(notApplied([later])).toEqual([]);
  expect(notApplied([])).toEqual([]);
});

/** `session` as it would be had its trials led to `candidate`, from what is configured. */
function provenAs(session: SessionHistory, candidate: Readonly<Record<string, number>>): SessionHistory {
  return {
    ...session,
    anchor: { ...session.anchor, ...candidate },
    trials: session.trials.map((one) => ({ ...one, candidate: { ...one.candidate, ...candidate } })),
  };
}

it('of each knob what was proven last counts, also where a later session proved something of another knob', () => {
  const threadsOnly = provenAs(sessionOf(richStory({ session: 3 })), { batchSize: 1, threads: 2 });
  const earlier = provenAs(proven, { batchSize: 64, threads: 4 });
  expect(notApplied([earlier, threadsOnly])).toMatchObject([
    { session: { entry: { session: 1 } }, proven: { batchSize: 64 } },
    { session: { entry: { session: 3 } }, proven: { threads: 2 } },
  ]);
});

it('a knob that was proven to stand elsewhere and that the newest session has not is told apart', () => {
  const knobs = later.entry.knobs.filter(({ id }) => id !== 'batchSize');
  const without = { ...later, entry: { ...later.entry, knobs } };
  expect(notApplied([proven, without])).toMatchObject([{ proven: { threads: 2 }, gone: { batchSize: 64 } }]);
});

it('what was proven once is told until a later session has judged it, or proven or configured its knob', () => {
  const plan = { to: { threads: 2 }, gain: 0.5, pairs: 9 };
  const once = sessionOf(new SampleSession({ session: 1 }).baseline().trial({ ...plan, pending: true }).entries);
  expect(provenOnce([once])).toMatchObject([{ trial: { trial: 1 }, settings: { threads: 2 } }]);
  expect(provenOnce([once, later])).toHaveLength(1);
  const refused = { verdict: 'worse', trigger: 'worse', decision: 'revert' } as const;
  const judged = sessionOf(new SampleSession({ session: 2 }).baseline().trial({ ...plan, ...refused }).entries);
  expect(provenOnce([once, judged])).toEqual([]);
  expect(provenOnce([once, { ...proven, entry: { ...proven.entry, session: 2 } }])).toEqual([]);
  expect(provenOnce([once, configuredWith(later, { threads: 2 })])).toEqual([]);
  expect(provenOnce([proven, later])).toEqual([]);
});
