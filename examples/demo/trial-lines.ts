/** The trials of a session, one line each, read from its ledger. */
import type { Interval } from 'sandtune';
import type { Entry, TunerRecord } from 'sandtune/tuner';
import type { EffectBounds, TrialLine } from './result.ts';

type RecordOf<K extends TunerRecord['kind']> = Extract<TunerRecord, { kind: K }>;

export interface LedgerFacts {
  readonly trials: readonly TrialLine[];
  readonly noiseFloor: number | null;
  readonly sigmaD: number | null;
  /** Throughput lost to measuring, as a fraction; null when it was not measured. */
  readonly overhead: Interval | null;
}

export function factsOf(entries: Iterable<Entry>): LedgerFacts {
  const entriesRead = [...entries];
  const records = entriesRead.flatMap((entry) => (entry.kind === 'record' ? [entry.record] : []));
  const overheads = entriesRead.flatMap((entry) =>
    entry.kind === 'remark' && entry.remark.kind === 'overhead' ? [entry.remark.fraction] : [],
  );
  const all = <K extends TunerRecord['kind']>(kind: K) =>
    records.filter((one): one is RecordOf<K> => one.kind === kind);
  const decisions = all('decision');
  const verdicts = all('verdict');
  const pairs = all('pair');
  const trials = all('sealed').flatMap((sealed): TrialLine[] => {
    const decision = decisions.find((one) => one.trial === sealed.trial);
    const result = verdicts.find((one) => one.trial === sealed.trial)?.result;
    if (!decision) return [];
    return [
      {
        id: sealed.trial,
        from: sealed.from,
        settings: sealed.settings,
        predicted: sealed.predicted ? bounds(sealed.predicted.gain) : null,
        verdict: result?.verdict ?? null,
        decision: decision.decision,
        trigger: decision.trigger,
        pairs: result?.pairs ?? pairs.filter((one) => one.trial === sealed.trial).length,
        eValue: result?.eValue ?? null,
        effect: result ? bounds(result.effect) : null,
      },
    ];
  });
  return {
    trials,
    noiseFloor: all('noise').at(-1)?.floor ?? null,
    sigmaD: all('baseline').at(-1)?.sigmaD ?? null,
    overhead: overheads.at(-1) ?? null,
  };
}

/** The engine writes an end it cannot bound yet as −1 and as a million. */
function bounds({ estimate, low, high }: Pick<Interval, 'estimate' | 'low' | 'high'>): EffectBounds {
  return { estimate, low: low <= -1 ? null : low, high: high >= 1e6 ? null : high };
}
