/**
 * Audits: when the configured default gets a trial against the setting that was put in its place. A setting
 * that was proven better may go bad later, and nothing that is compared with it alone would tell.
 *
 *   a shift at rest ─ afterShift ─▶ asked ─┐
 *   hours without one ─────────────────────┴─ auditOf ─▶ the trial of the default, as any candidate's
 *
 * An audit costs calls at a setting that is known to be worse, so that each one that changed nothing makes the
 * next wait longer, twice as long each time: after a shift from twice `restMs` to 64 times of it, and without one
 * from two hours to a day. Where both settings are alike an audit takes 35 s on average and 70 s at most, so
 * that a day has about 200 s of them. Those of shifts are not held back by how often shifts may wake the tuner
 * (wakes.ts): whoever leaves a bad setting must not wait for that.
 *
 * Their level is not charged to the budget of false commits, as the way to the default is no risk that the
 * user has not taken.
 */
import type { Objective, Settings, Window } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import type { RecordOf, SessionEntry } from '../entries/entries.ts';
import { configuredSettings, sameSettings } from '../entries/settings.ts';
import { mayChange } from '../options.ts';
import type { RestingKnob } from '../predict/memory.ts';
import type { Reference } from '../trial/design.ts';
import { goalNow } from '../trial/goal-now.ts';
import { sunkAgain } from '../trial/stays.ts';
import type { RareTrouble } from '../trial/troubled.ts';
import type { LevelBefore } from './since-change.ts';
import { waitAfterMs } from './wakes.ts';

export interface Audits {
  /** Audits since the anchor last moved: each has left it where it was. */
  readonly misses: number;
  /** When the last of them began, or the anchor moved: on the session's own clock. */
  readonly lastMs: number;
  /** When the next begins that no shift asks for, on the same clock. */
  readonly dueMs: number;
  /** Why a shift asks for one as soon as there is a reference; null where none does. */
  readonly asked: string | null;
  /** When an audit after a fall last saw what the setting in force loses by staying, or an outage that ended with the first flip; null where none did. */
  readonly lostMs: number | null;
  /** Until then the setting stays, sunken, before it is audited again (patience.ts); null where that was not begun. */
  readonly staysUntilMs: number | null;
  /** What the setting in force was while the last audit after a fall switched it; null where that is not known. */
  readonly switched: WhileSwitched | null;
  /** What asked for the last one was a fall: of the level, or a rise of the latency. */
  readonly fell: boolean;
  /** Windows in which the level had then sunk below that of before the change; null where it had not. */
  readonly sunken: readonly Window[] | null;
  /** What was guarded did not hold any more since the anchor had moved; null where nothing asked for the last one for that. */
  readonly trouble: RareTrouble | null;
  /** The level before the anchor last moved (since-change.ts); null where none is compared with it any more. */
  readonly before: LevelBefore | null;
}

interface WhileSwitched {
  /** A log, turned so that + is better (../trial/stays.ts). */
  readonly level: number;
  readonly objective: Objective;
}

const hourMs = 3_600_000;
/** Times between audits that nothing asks for. */
export const firstAuditMs = 2 * hourMs;
const mostMs = 24 * hourMs;
/** Of an anchor since the session began. */
export const noAudits: Audits = Object.freeze({
  misses: 0,
  lastMs: 0,
  dueMs: firstAuditMs,
  asked: null,
  lostMs: null,
  staysUntilMs: null,
  switched: null,
  fell: false,
  sunken: null,
  trouble: null,
  before: null,
});

type Shifted = Omit<RecordOf<'shift'>, 'kind' | 'atMs'>;

/** Of the state of a session. */
interface Facts {
  readonly session: SessionEntry;
  readonly current: Settings;
  readonly audits: Audits;
  readonly restingKnobs: readonly RestingKnob[];
}

/** A shift was seen at rest: whether it asks for an audit. */
export function afterShift(state: Facts & Parameters<typeof goalNow>[0], nowMs: number, shift: Shifted): Audits | null {
  // The level is that of what stands in for the objective, which may be better the lower it is.
  const facts = { ...state, session: { ...state.session, goal: goalNow(state) } };
  const { audits, session } = facts;
  const isSoon = lostLately(audits, nowMs) && isFall(shift, session);
  const waitMs = isSoon ? 0 : waitAfterMs(audits.misses, session.options.restMs);
  return defaultOf(facts, nowMs) !== null && nowMs - audits.lastMs >= waitMs
    ? { ...audits, asked: shift.reason, fell: isFall(shift, session) }
    : null;
}

/**
 * A setting that fell where it stayed, and was well as soon as it was switched, may have met an outage that ended just then.
 * One that does so twice within this time is left.
 */
const twiceWithinMs = 900_000;

export function lostLately({ lostMs }: Pick<Audits, 'lostMs'>, nowMs: number): boolean {
  return lostMs !== null && nowMs - lostMs <= twiceWithinMs;
}

/**
 * Where the setting has sunk below what it was while the last audit switched it: the next audit, which asks what it costs
 * where it stays. The level watch tells no second fall, where the reference was taken when it had sunk already.
 * @param stayed the newest windows at the setting in force, since that audit and without a flip
 */
export function afterSinking(
  facts: Facts & { readonly reference: Reference },
  nowMs: number,
  stayed: readonly Window[],
): (Audits & { readonly asked: string }) | null {
  const { audits, session, reference } = facts;
  const { switched, asked, lastMs, misses } = audits;
  if (switched === null || asked !== null || nowMs - lastMs > twiceWithinMs) return null;
  const waitMs = lostLately(audits, nowMs) ? 0 : waitAfterMs(misses, session.options.restMs);
  if (nowMs - lastMs < waitMs || defaultOf(facts, nowMs) === null) return null;
  const sunk = sunkAgain(switched.level, { ...reference, windows: stayed }, switched.objective);
  return sunk === null ? null : { ...audits, asked: sunk, fell: true };
}

/** A level that is worse than before. */
function isFall({ of, from, to }: Shifted, { goal }: SessionEntry): boolean {
  if (of === 'level') return goal.objective.direction === 'maximize' ? to < from : to > from;
  return of === 'latency' && to > from;
}

/** The configured default and why it is tried now; null where it is not its time. */
export function auditOf(
  facts: Facts,
  nowMs: number,
): { readonly settings: Settings; readonly reason: string; readonly audits: Audits } | null {
  const { misses, lastMs, dueMs, asked } = facts.audits;
  const settings = asked === null && nowMs < dueMs ? null : defaultOf(facts, nowMs);
  if (settings === null) return null;
  const why = asked ?? `nothing has compared them for ${Math.round((nowMs - lastMs) / hourMs)} hours`;
  const nextMs = Math.min(mostMs, firstAuditMs * 2 ** (misses + 1));
  const audits = {
    misses: misses + 1,
    lastMs: nowMs,
    dueMs: nowMs + nextMs,
    asked: null,
    lostMs: facts.audits.lostMs,
    staysUntilMs: null,
    switched: facts.audits.switched,
    fell: asked !== null && facts.audits.fell,
    sunken: asked === null ? null : facts.audits.sunken,
    trouble: asked === null ? null : facts.audits.trouble,
    before: facts.audits.before,
  };
  return { settings, reason: `the configured default against the setting in force: ${why}`, audits };
}

/** The configured default, where another setting is in force and each knob between them may be moved. */
function defaultOf({ session, current, restingKnobs }: Facts, nowMs: number): Settings | null {
  const { knobs, options } = session;
  if (!mayChange(options.mode)) return null;
  const settings = { ...configuredSettings(knobs), ...options.fixed };
  if (sameSettings(settings, current)) return null;
  const rests = restingKnobs.some(
    ({ knob, untilMs }) => untilMs > nowMs && valueIn(settings, knob) !== valueIn(current, knob),
  );
  return rests ? null : settings;
}
