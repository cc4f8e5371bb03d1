/**
 * Before the audit after which a setting would be left for what it costs where it stays, it stays for a while longer, sunken as it
 * is, and nobody switches anything: an outage of somebody else's ends meanwhile, and what the setting costs does not.
 *
 *   fallen, and seen to lose by staying a quarter of an hour before at most ── patienceIn ──▶ waits │ it has come back by itself │ null: the audit
 *
 * Simulated: bench/README.md has how often outages of both settings undo one that is a tenth better, with an earlier and wider
 * ../trial/jump.ts.
 *
 * How long is drawn anew each time, so that nothing that comes and goes by the clock ends when it does.
 */
import { randomStream } from '../../src/foundation/random.ts';
import type { Reference } from '../trial/design.ts';
import { holdsUp } from '../trial/stays.ts';
import { type Audits, lostLately } from './audits.ts';
import type { State } from './state.ts';

/** Milliseconds. */
const shortest = 45_000;
const longest = 90_000;

/**
 * @param now the newest windows at the setting in force, without a flip
 * @returns what becomes of the audits; null where the audit that is asked for, if any, is not to be waited with
 */
export function patienceIn(
  { audits, session, nextTrial }: Pick<State, 'audits' | 'session' | 'nextTrial'>,
  nowMs: number,
  now: Pick<Reference, 'windows' | 'sigmaD'>,
): Pick<Audits, 'asked' | 'lostMs' | 'staysUntilMs'> | null {
  const { asked, fell, lostMs, switched, staysUntilMs } = audits;
  if (asked === null || !fell || switched === null || !lostLately(audits, nowMs)) return null;
  if (holdsUp(switched.level, now, switched.objective)) return { asked: null, lostMs: null, staysUntilMs: null };
  if (staysUntilMs !== null) return nowMs < staysUntilMs ? { asked, lostMs, staysUntilMs } : null;
  const forMs = shortest + (longest - shortest) * randomStream(session.seed, `stays ${nextTrial}`)();
  return { asked, lostMs, staysUntilMs: nowMs + forMs };
}
