/**
 * One start of the tuner, written down as the first entry of its session: whether it may tune, in which
 * mode, from which anchor, with which seed. Notes say what the ledger tells about the session before.
 */
import type { Executor, Knob, KnobSpec, Settings } from '../../src/contracts.ts';
import { type Clock, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { ledgerSchemaVersion, type Note, type SessionEntry } from '../entries/entries.ts';
import { completeSettings, configuredSettings, sameSettings } from '../entries/settings.ts';
import { historyOf, openTrial } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import { lowerOf, type ModeCeiling } from '../mode.ts';
import { type Mode, mayChange, type ResolvedTuneOptions, type resolveTuneOptions } from '../options.ts';
import { effectiveSettings } from './apply.ts';
import { readEnvironment } from './environment.ts';
import { recall } from './recall.ts';

export interface OpenedSession {
  readonly entry: SessionEntry;
  readonly mode: Mode;
  /** Notes for readers about how the session began. */
  readonly notes: readonly Note[];
}

/**
 * Takes the lease and appends the session's entry to the ledger.
 * @throws {StoreError} when the ledger cannot be read
 */
export function openSession(
  executor: Executor,
  ledger: TunerLedger,
  { options, goal, asked, ceiling }: ReturnType<typeof resolveTuneOptions>,
  clock: Clock,
): OpenedSession {
  const session = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const wanted: Mode = ledger.isOff() ? 'off' : options.mode;
  // A session that changes nothing needs no lease, and keeps no other session from tuning.
  const refusal = mayChange(wanted) ? refusalOf(executor, ledger, clock) : null;
  const mode = refusal === null ? wanted : 'observe';
  const kept = anchorOf(executor, ledger, { ...options, mode });
  const entry = asRecorded<SessionEntry>({
    kind: 'session',
    schemaVersion: ledgerSchemaVersion,
    session,
    startedAtMs: wallMs(clock),
    executor: executor.name,
    seed: options.seed,
    options: { ...options, mode },
    goal,
    load: executor.load ?? null,
    knobs: executor.knobs.map(specOf),
    anchor: kept.settings,
    ...inForceOf(executor, mode, kept.settings),
    recalled: recall(ledger, wallMs(clock)),
    environment: readEnvironment(),
  });
  const interrupted = interruptedNote(ledger);
  ledger.append([entry]);
  const notes: readonly Note[] = [
    ...(ledger.setAside === null ? [] : [setAsideNote(ledger.setAside)]),
    ...(kept.refused === null
      ? []
      : [{ kind: 'note', code: 'kept-setting-refused', title: 'kept setting not used', text: kept.refused } as const]),
    ...(refusal === null
      ? []
      : [{ kind: 'note', code: 'observing-only', title: 'observing only', text: refusal } as const]),
    ...heldDownNotes(asked, ceiling),
    ...(interrupted === null ? [] : [interrupted]),
  ];
  return { entry, mode, notes };
}

/** Takes the lease; null when it is granted, else the reason in words why this session changes nothing. */
function refusalOf({ name }: Executor, ledger: TunerLedger, clock: Clock): string | null {
  if (ledger.setAside?.carriedOver === false)
    return 'the off switch could not be read from the ledger that was set aside: somebody may have switched tuning off';
  try {
    const claim = ledger.claim(wallMs(clock), clock.now());
    return claim.granted ? null : `${claim.holder} tunes '${name}' from this folder`;
  } catch (error) {
    // A damaged ledger is set aside by whoever opens the session; any other one can only be read now.
    if (!(error instanceof StoreError) || error.trouble === 'damaged') throw error;
    return `the lease could not be taken: ${error.message}`;
  }
}

function heldDownNotes(asked: Mode, { mode, misread }: ModeCeiling): readonly Note[] {
  if (lowerOf(asked, mode) === asked) return [];
  const text = misread ?? `the variable SANDTUNE_MODE allows '${mode}' at most, and '${asked}' was asked for`;
  return [{ kind: 'note', code: 'mode-held-down', title: 'held down', text }];
}

function setAsideNote({ path, reason, carriedOver }: NonNullable<TunerLedger['setAside']>): Note {
  const taken = carriedOver
    ? 'its off switches and kept settings were carried over'
    : 'its off switches and kept settings could not be read';
  const text = `${reason}; it is at ${path} now, and a new one was begun; ${taken}`;
  return { kind: 'note', code: 'ledger', title: 'ledger set aside', text };
}

/**
 * Where the session returns: what the executor was configured with, whatever is in force when it begins,
 * which a tuner before it may have left behind. A setting kept by an earlier session counts only with
 * `persist`, and only while its knobs allow it.
 */
function anchorOf(
  executor: Executor,
  ledger: TunerLedger,
  { mode, persist, fixed }: Pick<ResolvedTuneOptions, 'mode' | 'persist' | 'fixed'>,
): { readonly settings: Settings; readonly refused: string | null } {
  const configured = configuredSettings(executor.knobs);
  if (!mayChange(mode)) return { settings: configured, refused: null };
  const wanted = persist ? ledger.anchor() : configured;
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

/** What opens a trial and what closes it. The rest of a session that ran for weeks is long, and the host waits. */
const trialBounds = [
  'session',
  'record:trial',
  'record:verdict',
  'record:decision',
  'record:anchor',
  'record:phase',
] as const;

/** Says which trial the session before this one ended in without a decision; null when it ended outside one. */
function interruptedNote(ledger: TunerLedger): Note | null {
  const session = historyOf(ledger.history(trialBounds, 1)).sessions.at(-1);
  const trial = session && openTrial(session);
  if (!trial) return null;
  const { trial: number, candidate } = trial;
  const text = `the session before this one ended inside trial ${number} of ${JSON.stringify(candidate)}; this one starts on the anchor`;
  return { kind: 'note', code: 'interrupted', trial: number, candidate, title: 'interrupted before', text };
}

function specOf({ id, domain, interference, moves, defaultValue, source, unit, cost }: Knob): KnobSpec {
  return { id, domain, interference, moves, defaultValue, source, ...(unit && { unit }), ...(cost && { cost }) };
}

/** The value as JSON gives it back, which is exactly what a replay will read. */
export function asRecorded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
