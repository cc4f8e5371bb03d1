/**
 * One start of the tuner, written down as the first entry of its session: whether it may tune, in which
 * mode, from which anchor, with which seed. Notes say what the ledger tells about the session before.
 */
import type { Executor, Knob, KnobSpec, Settings } from '../../src/contracts.ts';
import { type Clock, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { ledgerSchemaVersion, type Note, type SessionEntry } from '../entries/entries.ts';
import { completeSettings, configuredSettings, sameSettings, valueText } from '../entries/settings.ts';
import type { CarryOver } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import { lowerOf, type ModeCeiling } from '../mode.ts';
import { type Mode, mayChange, type ResolvedTuneOptions, type resolveTuneOptions } from '../options.ts';
import { withheldNotes } from '../withheld.ts';
import { effectiveSettings } from './apply.ts';
import { readEnvironment } from './environment.ts';
import { leaseClock } from './own-lease.ts';
import { recall } from './recall.ts';

export interface OpenedSession {
  readonly entry: SessionEntry;
  readonly mode: Mode;
  /** Notes for readers about how the session began. */
  readonly notes: readonly Note[];
  /** What a session in the mode that was asked for waits for; null when this is one, or there never will be. */
  readonly awaits: 'lease' | 'ledger' | null;
}

/** What a session begins with that its ledger does not say. */
export interface SessionStart {
  /** The anchor of the session before this one in the same process, which may have changed settings; null when there is none. */
  readonly anchor: Settings | null;
  /** The lease was granted already: this session takes over from whoever held it. */
  readonly holdsLease: boolean;
}

/**
 * Takes the lease and appends the session's entry to the ledger.
 * @throws {StoreError} when the ledger cannot be read
 */
export function openSession(
  executor: Executor,
  ledger: TunerLedger,
  { options, goal, asked, ceiling, surroundings: { clock, cpus } }: ReturnType<typeof resolveTuneOptions>,
  begun: SessionStart,
): OpenedSession {
  const session = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const wanted: Mode = ledger.isOff() ? 'off' : options.mode;
  // A session that changes nothing needs no lease, and keeps no other session from tuning.
  const refusal = mayChange(wanted) && !begun.holdsLease ? refusalOf(executor, ledger, clock) : null;
  const mode = refusal === null ? wanted : 'observe';
  const follows = wanted === 'auto' && refusal?.awaits === 'lease';
  const kept = follows
    ? { settings: { ...configuredSettings(executor.knobs), ...options.fixed }, refused: null }
    : anchorOf(executor, ledger, { ...options, mode }, begun);
  const carried = ledger.carriedOver();
  const begins = { startedAtMs: wallMs(clock), goal, options: { ...options, mode }, anchor: kept.settings };
  const entry = asRecorded<SessionEntry>({
    kind: 'session',
    schemaVersion: ledgerSchemaVersion,
    session,
    executor: executor.name,
    seed: options.seed,
    load: executor.load ?? null,
    knobs: executor.knobs.map(specOf),
    ...begins,
    ...inForceOf(executor, mode, kept.settings),
    recalled: recall(carried, begins),
    environment: readEnvironment(cpus()),
    ...(follows && { follows }),
  });
  ledger.append([entry], mayChange(mode) ? { anchor: entry.anchor } : {});
  const notes = [
    ledger.setAside && setAsideNote(ledger.setAside),
    kept.refused === null ? null : noteOf('kept-setting-refused', 'kept setting not used', kept.refused),
    refusal &&
      noteOf(
        'observing-only',
        'observing only',
        `${refusal.text}, so this one ${follows ? 'only follows the anchor of whoever tunes' : 'only observes'}`,
      ),
    mode === 'off' && options.mode !== 'off'
      ? noteOf('switched-off', 'switched off', `tuning of '${executor.name}' is switched off in the ledger`)
      : null,
    begun.holdsLease
      ? noteOf('took-over', 'tuning taken over', `nobody else tunes '${executor.name}' from this folder any more`)
      : null,
    heldDownNote(asked, ceiling),
    // Beside a session that tunes, an open trial is one that goes on.
    mayChange(mode) ? interruptedNote(carried) : null,
    ...withheldNotes(executor),
  ];
  return { entry, mode, notes: notes.filter((note) => note !== null), awaits: refusal?.awaits ?? null };
}

interface Refusal {
  readonly text: string;
  readonly awaits: OpenedSession['awaits'];
}

/** Takes the lease; null when it is granted, else the reason in words why this session changes nothing. */
function refusalOf({ name }: Executor, ledger: TunerLedger, clock: Clock): Refusal | null {
  if (ledger.setAside?.carriedOver === false)
    return {
      text: `the off switch of '${name}' could not be read from the ledger that was set aside: somebody may have switched tuning off`,
      awaits: null,
    };
  try {
    const claim = ledger.claim(wallMs(clock), leaseClock.now());
    return claim.granted ? null : { text: `${claim.holder} tunes '${name}' from this folder`, awaits: 'lease' };
  } catch (error) {
    // A damaged ledger is set aside by whoever opens the session; any other one can only be read now.
    if (!(error instanceof StoreError) || error.trouble === 'damaged') throw error;
    return { text: `the lease of '${name}' could not be taken: ${error.message}`, awaits: 'lease' };
  }
}

function noteOf(code: Exclude<Note['code'], 'interrupted'>, title: string, text: string): Note {
  return { kind: 'note', code, title, text };
}

function heldDownNote(asked: Mode, { mode, misread }: ModeCeiling): Note | null {
  if (lowerOf(asked, mode) === asked) return null;
  const text = misread ?? `the variable SANDTUNE_MODE allows '${mode}' at most, and '${asked}' was asked for`;
  return noteOf('mode-held-down', 'held down', text);
}

function setAsideNote({ path, reason, carriedOver }: NonNullable<TunerLedger['setAside']>): Note {
  const taken = carriedOver
    ? 'its off switches and kept settings were carried over'
    : 'its off switches and kept settings could not be read';
  const text = `${reason}; it is at ${path} now, and a new one was begun; ${taken}`;
  return noteOf('ledger', 'ledger set aside', text);
}

/**
 * Where the session returns: the anchor of the session before it in the same process, or what the executor
 * was configured with, whatever is in force when it begins, which a tuner before it may have left behind. A
 * setting kept by an earlier process counts only with `persist`, and only while its knobs allow it.
 */
function anchorOf(
  executor: Executor,
  ledger: TunerLedger,
  { mode, persist, fixed }: Pick<ResolvedTuneOptions, 'mode' | 'persist' | 'fixed'>,
  { anchor }: SessionStart,
): { readonly settings: Settings; readonly refused: string | null } {
  const configured = configuredSettings(executor.knobs);
  if (!mayChange(mode)) return { settings: configured, refused: null };
  const wanted = anchor ?? (persist ? ledger.anchor() : configured);
  try {
    return { settings: completeSettings(executor.knobs, configured, { ...wanted, ...fixed }), refused: null };
  } catch (error) {
    return {
      settings: { ...configured, ...fixed },
      refused: `${messageOf(error)}; this session starts on the configured setting`,
    };
  }
}

/** What is in force, where a session that changes nothing leaves something else than the anchor there. */
function inForceOf({ knobs }: Executor, mode: Mode, anchor: Settings): { readonly inForce?: Settings } {
  if (mayChange(mode)) return {};
  try {
    const inForce = effectiveSettings(knobs);
    return sameSettings(inForce, anchor) ? {} : { inForce };
  } catch {
    // A knob that cannot be read is told of with the first window, which has to read it.
    return {};
  }
}

/** Says which trial the last session that tuned ended in without a decision; null when it ended outside one. */
function interruptedNote({ open }: CarryOver): Note | null {
  if (!open) return null;
  const { trial, candidate } = open;
  const setting = Object.entries(candidate).map(([id, value]) => `${id} ${valueText(value)}`);
  const text = `the session before this one ended inside trial ${trial} of ${setting.join(', ')}; this one starts on the anchor`;
  return { kind: 'note', code: 'interrupted', trial, candidate, title: 'interrupted before', text };
}

function specOf({ id, domain, interference, moves, defaultValue, source, unit, cost, actsUnder }: Knob): KnobSpec {
  const spec = { id, domain, interference, moves, defaultValue, source };
  return { ...spec, ...(unit && { unit }), ...(cost && { cost }), ...(actsUnder && { actsUnder: { ...actsUnder } }) };
}

/** The value as JSON gives it back, which is exactly what a replay will read. */
export function asRecorded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
