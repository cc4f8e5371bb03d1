/**
 * First fold of the ledger: the entries of one session, sorted by what they are about.
 *
 *   entries ── one session ──▶ in order ──▶ SessionLog { runs, probes, windows, … }
 *
 * A window carries no trial number: it belongs to the trial (or probe) that was open when it came
 * in. A pair is recorded on seeing its second window, so its windows are the last of each arm.
 */
import type { Ledger, Settings, Window } from '../../../src/contracts.ts';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import type {
  Arm,
  Decided,
  Entry,
  OpenGuardrail,
  PairPoint,
  Remark,
  SessionEntry,
  TunerRecord,
} from '../../../tuner/entries/entries.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';

type RecordOf<K extends TunerRecord['kind']> = Extract<TunerRecord, { readonly kind: K }>;
type RemarkOf<K extends Remark['kind']> = Extract<Remark, { readonly kind: K }>;

export interface RunWindow {
  readonly arm: Arm;
  readonly window: Window;
  /** Index of its pair; null for ramp windows and those between pairs. */
  pair: number | null;
}

/** All the ledger says about one trial. */
export interface RunLog {
  readonly trial: RecordOf<'trial'>;
  readonly sealed: RecordOf<'sealed'> | null;
  readonly windows: RunWindow[];
  readonly pairs: PairPoint[];
  waitsFor: readonly OpenGuardrail[];
  verdict: RecordOf<'verdict'> | null;
  decision: Decided | null;
  score: RecordOf<'score'> | null;
  asked: boolean;
  /** Its candidate was committed and became the anchor. */
  confirmed: boolean;
}

export interface ProbeLog {
  readonly probe: RecordOf<'probe'>;
  readonly windows: Window[];
}

export interface SessionLog {
  readonly session: SessionEntry;
  readonly runs: readonly RunLog[];
  readonly probes: readonly ProbeLog[];
  /** Every window, oldest first. */
  readonly windows: readonly Window[];
  readonly decisions: readonly Decided[];
  readonly baselines: readonly RecordOf<'baseline'>[];
  readonly noise: RecordOf<'noise'> | null;
  readonly recommendations: readonly RecordOf<'recommendation'>[];
  readonly notTried: readonly RecordOf<'not-tried'>[];
  readonly failures: readonly { readonly what: string; readonly message: string }[];
  readonly patches: readonly RemarkOf<'patch'>[];
  readonly sweeps: readonly RemarkOf<'sweep'>[];
  readonly notes: readonly RemarkOf<'note'>[];
  readonly overhead: RemarkOf<'overhead'> | null;
  readonly accounting: RemarkOf<'accounting'> | null;
  readonly ended: 'stopped' | 'off' | 'open';
  readonly durationMs: number;
}

/**
 * @param wanted number of the session; the last one when left out
 * @returns null for a ledger without any session
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when there are sessions but not the wanted one
 */
export function readSession(ledger: Ledger<Entry>, wanted?: number): SessionLog | null {
  const known: SessionEntry[] = [];
  for (const entry of ledger.read()) if (entry.kind === 'session') known.push(entry);
  const session = wanted === undefined ? known.at(-1) : known.find((one) => one.session === wanted);
  if (session) return sessionLog(session, ledger.read());
  if (wanted === undefined) return null;
  const choice = known.length === 0 ? 'an empty ledger' : known.map((one) => one.session).join(', ');
  throw new SandtuneError(
    'ERR_SANDTUNE_OPTION',
    `session: expected one of the ledger's sessions (${choice}), got ${wanted}`,
  );
}

function sessionLog(session: SessionEntry, entries: Iterable<Entry>): SessionLog {
  const runs: RunLog[] = [];
  const probes: ProbeLog[] = [];
  const windows: Window[] = [];
  const decisions: Decided[] = [];
  const records = new Map<string, TunerRecord[]>();
  const remarks = new Map<string, Remark[]>();
  const failures: { what: string; message: string }[] = [];
  const sealed = new Map<number, RecordOf<'sealed'>>();
  let ended: SessionLog['ended'] = 'open';
  let firstMs: number | null = null;
  let lastMs = 0;
  let openRun: RunLog | null = null;
  let openProbe: ProbeLog | null = null;
  const runOf = (trial: number) => runs.find((run) => run.trial.trial === trial);

  for (const entry of entries) {
    if (entry.session !== session.session) continue;
    if (entry.kind === 'remark') add(remarks, entry.remark);
    else if (entry.kind === 'event') {
      const { event } = entry;
      firstMs ??= event.atMs;
      lastMs = event.atMs;
      if (event.kind === 'stop') ended = 'stopped';
      if (event.kind === 'off') ended = 'off';
      if (event.kind === 'failed') failures.push({ what: event.what, message: event.message });
      if (event.kind !== 'measured') continue;
      windows.push(event.window);
      if (openRun) openRun.windows.push({ arm: event.arm, window: event.window, pair: null });
      else if (openProbe && sameSettings(openProbe.probe.settings, event.window.settings))
        openProbe.windows.push(event.window);
    } else if (entry.kind === 'record') {
      const { record } = entry;
      add(records, record);
      if (record.kind === 'sealed') sealed.set(record.trial, record);
      if (record.kind === 'probe') probes.push((openProbe = { probe: record, windows: [] }));
      if (record.kind === 'decision') decisions.push(record);
      if (record.kind === 'anchor') confirm(runs, record.settings);
      if (record.kind === 'trial') {
        openProbe = null;
        openRun = {
          trial: record,
          sealed: sealed.get(record.trial) ?? null,
          windows: [],
          pairs: [],
          waitsFor: [],
          verdict: null,
          decision: null,
          score: null,
          asked: false,
          confirmed: false,
        };
        runs.push(openRun);
      }
      const run = 'trial' in record ? runOf(record.trial as number) : undefined;
      if (run) {
        apply(run, record);
        if (run === openRun && (record.kind === 'verdict' || record.kind === 'decision')) openRun = null;
      }
    }
  }
  const recordsOf = <K extends TunerRecord['kind']>(kind: K) => (records.get(kind) ?? []) as unknown as RecordOf<K>[];
  const remarksOf = <K extends Remark['kind']>(kind: K) => (remarks.get(kind) ?? []) as unknown as RemarkOf<K>[];
  return {
    session,
    runs,
    probes,
    windows,
    decisions,
    failures,
    ended,
    baselines: recordsOf('baseline'),
    noise: recordsOf('noise').at(-1) ?? null,
    recommendations: recordsOf('recommendation'),
    notTried: recordsOf('not-tried'),
    patches: remarksOf('patch'),
    sweeps: remarksOf('sweep'),
    notes: remarksOf('note'),
    overhead: remarksOf('overhead').at(-1) ?? null,
    accounting: remarksOf('accounting').at(-1) ?? null,
    durationMs: firstMs === null ? 0 : lastMs - firstMs,
  };
}

/** The commit that became the anchor is the last one of these settings. */
function confirm(runs: readonly RunLog[], anchor: Settings): void {
  const run = runs.findLast((one) => one.decision?.decision === 'commit' && sameSettings(one.trial.candidate, anchor));
  if (run) run.confirmed = true;
}

function apply(run: RunLog, record: TunerRecord): void {
  if (record.kind === 'verdict') run.verdict = record;
  else if (record.kind === 'decision') run.decision = record;
  else if (record.kind === 'score') run.score = record;
  else if (record.kind === 'ask') run.asked = true;
  else if (record.kind === 'pair') {
    run.pairs.push(record.pair);
    run.waitsFor = record.waitsFor;
    for (const arm of ['baseline', 'candidate'] as const) {
      const last = run.windows.findLast((one) => one.arm === arm && one.window.steady);
      if (last) last.pair ??= record.pair.index;
    }
  }
}

function add<T extends { readonly kind: string }>(map: Map<string, T[]>, item: T): void {
  const list = map.get(item.kind);
  if (list) list.push(item);
  else map.set(item.kind, [item]);
}
