/**
 * One start of the tuner, as its first entry: who may tune, in which mode, from where, with what
 * seed. And what the ledger says about the start before this one.
 */
import type { Executor, Knob, KnobSpec, Settings } from '../src/contracts.ts';
import { type Clock, wallMs } from '../src/foundation/clock.ts';
import { ledgerSchemaVersion, type SessionEntry, type TunerRecord } from './entries.ts';
import { readEnvironment } from './environment.ts';
import type { TunerLedger } from './ledger.ts';
import type { Mode, resolveTuneOptions } from './options.ts';

export interface OpenedSession {
  readonly entry: SessionEntry;
  readonly mode: Mode;
  /** 'pid:session', as the lease knows it. */
  readonly owner: string;
  /** What readers should be told about how it began; empty when there is nothing to say. */
  readonly notes: readonly { readonly title: string; readonly text: string }[];
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
  const lease = wanted === 'off' ? true : ledger.lease(owner, wallMs(clock));
  const mode = lease === true ? wanted : 'observe';
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
    anchor: { ...ledger.anchor(), ...options.fixed },
    environment: readEnvironment(),
  });
  const previous = ledger.lastSession();
  ledger.append(entry);
  const open = previous === null ? null : openTrialOf(ledger, previous);
  const notes = [
    ...(lease === true
      ? []
      : [
          {
            title: 'observing only',
            text: `another process (${lease.owner}) tunes '${executor.name}' from this folder`,
          },
        ]),
    ...(open === null
      ? []
      : [
          {
            title: 'interrupted before',
            text: `the session before this one ended inside trial ${open.trial} of ${JSON.stringify(open.candidate)}; this one starts on the anchor`,
          },
        ]),
  ];
  return { entry, mode, owner, notes };
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
