/**
 * One start of the tuner, as its first entry: who may tune, in which mode, from where, with what
 * seed. And what the ledger says about the start before this one.
 */
import type { Executor, Knob, KnobSpec, Settings } from '../src/contracts.ts';
import { type Clock, wallMs } from '../src/foundation/clock.ts';
import { messageOf } from '../src/foundation/errors.ts';
import { effectiveSettings } from './apply.ts';
import { ledgerSchemaVersion, type Note, type SessionEntry, type TunerRecord } from './entries/entries.ts';
import { completeSettings } from './entries/settings.ts';
import { readEnvironment } from './environment.ts';
import type { TunerLedger } from './ledger.ts';
import { type Mode, mayChange, type ResolvedTuneOptions, type resolveTuneOptions } from './options.ts';
import { recall } from './recall.ts';

export interface OpenedSession {
  readonly entry: SessionEntry;
  readonly mode: Mode;
  /** 'pid:session', as the lease knows it. */
  readonly owner: string;
  /** What readers should be told about how it began; empty when there is nothing to say. */
  readonly notes: readonly Note[];
}

/** Records after which no trial is open any more. */
const closing: ReadonlySet<TunerRecord['kind']> = new Set(['decision', 'noise', 'anchor', 'phase']);

/** Takes the lease and appends the session's entry to the ledger. */
export function openSession(
  executor: Executor,
  ledger: TunerLedger,
  { options, goal }: ReturnType<typeof resolveTuneOptions>,
  clock: Clock,
): OpenedSession {
  const session = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const owner = `${process.pid}:${session}`;
  const wanted: Mode = ledger.isOff() ? 'off' : options.mode;
  // Whoever changes nothing needs no leave, and keeps nobody from tuning.
  const lease = mayChange(wanted) ? ledger.lease(owner, wallMs(clock)) : true;
  const mode = lease === true ? wanted : 'observe';
  const kept = anchorOf(executor, ledger, { ...options, mode });
  const entry = plain<SessionEntry>({
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
    recalled: recall(ledger, wallMs(clock)),
    environment: readEnvironment(),
  });
  const previous = ledger.lastSession();
  ledger.append(entry);
  const open = previous === null ? null : openTrialOf(ledger, previous);
  const notes: readonly Note[] = [
    ...(kept.refused === null
      ? []
      : [{ kind: 'note', code: 'kept-setting-refused', title: 'kept setting not used', text: kept.refused } as const]),
    ...(lease === true
      ? []
      : [
          {
            kind: 'note',
            code: 'observing-only',
            title: 'observing only',
            text: `another process (${lease.owner}) tunes '${executor.name}' from this folder`,
          } as const,
        ]),
    ...(open === null
      ? []
      : [
          {
            kind: 'note',
            code: 'interrupted',
            trial: open.trial,
            candidate: open.candidate,
            title: 'interrupted before',
            text: `the session before this one ended inside trial ${open.trial} of ${JSON.stringify(open.candidate)}; this one starts on the anchor`,
          } as const,
        ]),
  ];
  return { entry, mode, owner, notes };
}

/**
 * Where the session begins. Whoever may change nothing takes what is in force; a setting kept by an
 * earlier session counts only with `persist`, and only while its knobs still allow it.
 */
function anchorOf(
  executor: Executor,
  ledger: TunerLedger,
  { mode, persist, fixed }: Pick<ResolvedTuneOptions, 'mode' | 'persist' | 'fixed'>,
): { readonly settings: Settings; readonly refused: string | null } {
  const configured = effectiveSettings(executor.knobs);
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

/** The trial a session ended in without a decision; null when it ended outside one. */
function openTrialOf(
  ledger: TunerLedger,
  session: number,
): { readonly trial: number; readonly candidate: Settings } | null {
  let open: { readonly trial: number; readonly candidate: Settings } | null = null;
  for (const entry of ledger.outline(session)) {
    if (entry.kind !== 'record') continue;
    if (entry.record.kind === 'trial') open = entry.record;
    else if (closing.has(entry.record.kind)) open = null;
  }
  return open;
}

function specOf({ id, domain, interference, moves, defaultValue, source, unit, cost }: Knob): KnobSpec {
  return { id, domain, interference, moves, defaultValue, source, ...(unit && { unit }), ...(cost && { cost }) };
}

/** What JSON makes of it: exactly what a replay will read back. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
