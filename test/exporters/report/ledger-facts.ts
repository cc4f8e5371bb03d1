/**
 * What a ledger says, read without the fold and the collectors of the report: by scanning its entries. Only
 * the engine, the distributions and the triggers' meanings are shared with it.
 */
import type { Guardrail, Interval, Settings, Window } from '../../../src/contracts.ts';
import type {
  Entry,
  PairPoint,
  RecordOf,
  Remark,
  RemarkOf,
  SessionEntry,
  TunerRecord,
} from '../../../tuner/entries/entries.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { interval } from '../../../tuner/trial/e-value.ts';
import { objectiveOf } from '../../../tuner/trial/metric.ts';

export interface MeasuredAt {
  /** Place among all entries. */
  readonly index: number;
  readonly arm: 'baseline' | 'candidate';
  readonly window: Window;
}

export class LedgerFacts {
  readonly entries: readonly Entry[];
  readonly session: SessionEntry;
  readonly windows: readonly MeasuredAt[];
  /** Entries that have a number, in order: number n is at n − 1. */
  readonly numbered: readonly { readonly entry: Entry; readonly index: number }[];

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.session = entries[0] as SessionEntry;
    this.windows = entries.flatMap((entry, index) =>
      entry.kind === 'event' && entry.event.kind === 'measured'
        ? [{ index, arm: entry.event.arm, window: entry.event.window }]
        : [],
    );
    this.numbered = entries.flatMap((entry, index) =>
      (entry.kind === 'event' && entry.event.kind === 'measured') ||
      (entry.kind === 'remark' && entry.remark.kind === 'pruned')
        ? []
        : [{ entry, index }],
    );
  }

  get minimizes(): boolean {
    return this.session.goal.objective.direction === 'minimize';
  }

  /** Records of one kind among the cited entries. */
  cited<K extends TunerRecord['kind']>(numbers: readonly number[], kind: K): RecordOf<K>[] {
    return numbers.flatMap((n) => {
      const entry = this.numbered[n - 1]?.entry;
      return entry?.kind === 'record' && entry.record.kind === kind ? [entry.record as RecordOf<K>] : [];
    });
  }

  citedRemarks<K extends Remark['kind']>(numbers: readonly number[], kind: K): RemarkOf<K>[] {
    return numbers.flatMap((n) => {
      const entry = this.numbered[n - 1]?.entry;
      return entry?.kind === 'remark' && entry.remark.kind === kind ? [entry.remark as RemarkOf<K>] : [];
    });
  }

  all<K extends TunerRecord['kind']>(kind: K): RecordOf<K>[] {
    return this.entries.flatMap((entry) =>
      entry.kind === 'record' && entry.record.kind === kind ? [entry.record as RecordOf<K>] : [],
    );
  }

  pairsOf(trial: number): readonly PairPoint[] {
    return this.all('pair').flatMap((one) => (one.trial === trial ? [one.pair] : []));
  }

  trialOf(trial: number): RecordOf<'trial'> | undefined {
    return this.all('trial').findLast((one) => one.trial === trial);
  }

  start(): Settings {
    const { follows, inForce, anchor } = this.session;
    return follows ? anchor : (inForce ?? anchor);
  }

  /** The setting in force after all entries, outside trials and probes. */
  inForce(): Settings {
    const { mode } = this.session.options;
    const last = this.windows.findLast(({ window }) => window.steady)?.window.settings;
    if (last && mode !== 'auto' && mode !== 'confirm') return last;
    let settings = this.start();
    for (const entry of this.entries) {
      if (entry.kind !== 'record') continue;
      const { record } = entry;
      if (record.kind === 'baseline' || record.kind === 'anchor' || record.kind === 'decision')
        settings = record.settings;
      if (record.kind === 'follow' && record.outcome !== 'refused')
        settings = record.outcome === 'taken' ? record.settings : this.session.anchor;
    }
    return settings;
  }

  windowsInForce(): readonly Window[] {
    const settings = this.inForce();
    return this.windows.flatMap(({ window }) =>
      window.steady && sameSettings(window.settings, settings) ? [window] : [],
    );
  }

  /** The windows of a trial's pairs: of each arm the newest steady one before the pair was recorded. */
  pairedWindows(trial: number): Record<'baseline' | 'candidate', Window[]> {
    const paired: Record<'baseline' | 'candidate', Window[]> = { baseline: [], candidate: [] };
    let newest: Partial<Record<'baseline' | 'candidate', Window>> = {};
    let isInside = false;
    for (const entry of this.entries) {
      if (entry.kind === 'event' && entry.event.kind === 'measured' && isInside && entry.event.window.steady)
        newest[entry.event.arm] = entry.event.window;
      if (entry.kind !== 'record') continue;
      const { record } = entry;
      if (record.kind === 'trial') isInside = record.trial === trial;
      if (record.kind === 'pair' && record.trial === trial) {
        for (const arm of ['baseline', 'candidate'] as const) if (newest[arm]) paired[arm].push(newest[arm]);
        newest = {};
      }
      if (record.kind === 'verdict' && record.trial === trial) isInside = false;
    }
    return paired;
  }

  /** Values of the objective between a probe and what came next, by arm. */
  probeValues(probe: RecordOf<'probe'>): Record<'baseline' | 'candidate', number[]> {
    const values: Record<'baseline' | 'candidate', number[]> = { baseline: [], candidate: [] };
    const from = this.entries.findLastIndex((entry) => entry.kind === 'record' && entry.record === probe);
    for (const entry of this.entries.slice(from + 1)) {
      if (entry.kind === 'record' && ['probe', 'trial', 'phase', 'baseline'].includes(entry.record.kind)) break;
      if (entry.kind !== 'event' || entry.event.kind !== 'measured' || !entry.event.window.steady) continue;
      const { arm, window } = entry.event;
      const value = objectiveOf(this.session.goal.objective, window);
      if (value !== null && sameSettings(window.settings, probe.settings) === (arm === 'candidate'))
        values[arm].push(value);
    }
    return values;
  }

  /** The interval of one trial's effect, of all its pairs and those of its hold-back among the cited. */
  effectOf(trial: RecordOf<'trial'>, numbers: readonly number[]): Interval {
    const holdBacks = this.cited(numbers, 'trial').filter(
      (one) => one.purpose === 'hold-back' && sameSettings(one.candidate, trial.candidate),
    );
    const later = holdBacks.flatMap((one) => this.pairsOf(one.trial));
    const verdict = this.cited(numbers, 'verdict').find((one) => one.trial === trial.trial);
    if (!verdict) throw new Error('no verdict is cited');
    if (later.length === 0) return closed(verdict.result.effect);
    const d = [...this.pairsOf(trial.trial), ...later].map((one) => one.d);
    return closed(interval(d, trial.design.sigmaD, trial.design.alpha));
  }

  /** True of a trial whose hold-back has pairs. */
  seenAgain(trial: RecordOf<'trial'>): boolean {
    return this.all('trial').some(
      (one) =>
        one.purpose === 'hold-back' &&
        one.trial > trial.trial &&
        sameSettings(one.candidate, trial.candidate) &&
        this.pairsOf(one.trial).length > 0,
    );
  }

  /** True where the only gain that was kept is of a trial whose hold-back has pairs. */
  gainSeenAgain(): boolean {
    const anchors = this.all('anchor');
    const gains = this.all('decision').flatMap((one) => {
      const trial = this.trialOf(one.trial);
      const isKept = one.decision === 'commit' && triggers[one.trigger].keeps === 'gain';
      return trial && isKept && anchors.some(({ settings }) => sameSettings(settings, trial.candidate)) ? [trial] : [];
    });
    const [only, ...others] = gains;
    return only !== undefined && others.length === 0 && this.seenAgain(only);
  }

  guardrails(): readonly Guardrail[] {
    return this.session.goal.guardrails;
  }

  /** A change of the metric, of an effect that is + when better. */
  turned(effect: number): number {
    if (!this.minimizes) return effect;
    return effect <= -1 ? Infinity : 1 / (1 + effect) - 1;
  }
}

/** Ends beyond a factor of a thousand bound nothing. */
function closed({ estimate, low, high, level }: Interval): Interval {
  return {
    estimate,
    level,
    low: Number.isFinite(low) && low > 1e-3 - 1 ? low : -1,
    high: Number.isFinite(high) && high < 999 ? high : Infinity,
  };
}
