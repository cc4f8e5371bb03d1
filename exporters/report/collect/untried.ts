/** What is said where a reference was measured and no trial of a setting was begun: what was probed, and what took the time. */
import { durationText } from '../../../src/foundation/units.ts';
import { settingsKey } from '../../../tuner/entries/settings.ts';
import { countedText } from '../../words/numbers.ts';
import type { SessionJudgement } from './judgement.ts';
import { claiming, joined, plain, type Statement } from './statement.ts';
import { durationOf } from './validity.ts';

/** 'no trial was begun; 1 setting was probed'. */
export function untried({ session: { probes }, live }: SessionJudgement): Statement {
  const none = plain(`no trial was begun${live ? ' yet' : ''}`);
  const probed = new Set(probes.map(({ settings }) => settingsKey(settings))).size;
  if (probed === 0) return none;
  const said = claiming(
    'probed',
    `${countedText(probed, 'setting')} ${probed === 1 ? 'was' : 'were'} probed`,
    { probed },
    probes.map(({ entryNumber }) => entryNumber),
  );
  return joined([none, said], '; ');
}

/** 'waiting for its turn took 49.5 s of 80.7 s; the session ended before a setting got a trial: run longer'. */
export function whyUntried({ session, windows, live }: SessionJudgement): Statement {
  const { turns, ended, entry } = session;
  const ranMs = durationOf(session, windows);
  const goesOnMs = turns.sinceMs === null ? 0 : Math.max(0, entry.startedAtMs + ranMs - turns.sinceMs);
  const waitedMs = turns.waitedMs + goesOnMs;
  const waited =
    waitedMs > 0
      ? [
          claiming(
            'waited',
            `waiting for its turn took ${durationText(waitedMs)} of ${durationText(ranMs)}`,
            { waitedMs, ranMs },
            [],
          ),
        ]
      : [];
  const tooShort = !live && (ended === 'stopped' || ended === 'interrupted' || ended === 'closed');
  return joined(
    [...waited, ...(tooShort ? [plain('the session ended before a setting got a trial: run longer')] : [])],
    '; ',
  );
}
