/** Stories that few generated sessions meet: several commits, one that waits, a sweep beside a hold-back, a refusal after a probe, two limits broken at once, a crowded machine. */
import type { Entry, OptionChange } from '../../tuner/entries/entries.ts';
import { SampleSession, sampleStart } from './sample-ledger.ts';

const toBatches = { to: { batchSize: 64 }, gain: 4.12, pairs: 9 } as const;

export function toldStories(): readonly (readonly Entry[])[] {
  return [
    new SampleSession()
      .baseline()
      .trial(toBatches)
      .trial({ to: { threads: 2 }, gain: 0.3, pairs: 16 })
      .stop().entries,
    new SampleSession()
      .baseline()
      .trial({ ...toBatches, pending: true })
      .stop().entries,
    sweptBesideHoldBack(),
    noiseThenTrial(),
    thereAndBack(),
    triedAgainAndWorse(),
    worseThenBetter(),
    new SampleSession({ tune: { subjectTo: ['p99 < 1ms', 'mean < 1ms'] } }).baseline().entries,
    crowdedOut(),
    sweptBeyond(),
    refusedAfterProbe([
      { option: 'maxDurationMs', value: 900_000 },
      { option: 'minGain', value: 0.01 },
    ]),
    unpredictedAfterProbe(),
  ];
}

/** A limit that is broken while others on the machine use nearly all of its CPUs. */
export function crowdedOut(): readonly Entry[] {
  const { entries } = new SampleSession({ tune: { subjectTo: ['p99 < 1ms'] } }).baseline();
  return entries.map((entry) => {
    if (entry.kind !== 'event' || entry.event.kind !== 'measured') return entry;
    const { window } = entry.event;
    const lengthMs = window.endMs - window.startMs;
    const crowded = { ...window, cpuMs: 0.04 * lengthMs, idleCpuMs: 0.01 * lengthMs };
    return { ...entry, event: { ...entry.event, window: crowded } };
  });
}

/** A sweep that saw better what no trial judged. */
function sweptBeyond(): readonly Entry[] {
  const point = (batchSize: number, estimate: number) => ({
    settings: { ...sampleStart, batchSize },
    metric: { estimate, low: 0.96 * estimate, high: 1.04 * estimate, level: 0.95 },
    windows: 30,
  });
  const points = [point(1, 13_000), point(64, 44_000), point(128, 60_000)];
  return new SampleSession()
    .baseline()
    .trial(toBatches)
    .remark({ kind: 'sweep', title: 'measured again', points })
    .stop().entries;
}

/** Two commits, of which the second leads back to where the first began. */
export function thereAndBack(): readonly Entry[] {
  return new SampleSession()
    .baseline()
    .trial({ to: { threads: 4 }, gain: 0.3, pairs: 12 })
    .trial({ to: { threads: 3 }, gain: 0.4, pairs: 12 })
    .stop().entries;
}

export const worse = { verdict: 'worse', trigger: 'worse', decision: 'revert' } as const;

/** A commit that was not in force any more when another trial found its candidate worse. */
export function triedAgainAndWorse(): readonly Entry[] {
  const [begun, ...rest] = new SampleSession()
    .baseline()
    .trial({ ...toBatches, gain: -0.3, ...worse })
    .stop().entries;
  const once = new SampleSession().baseline().trial({ ...toBatches, pending: true }).entries;
  const later = rest.flatMap((one): readonly Entry[] => {
    if (one.kind !== 'record' || !('trial' in one.record)) return [one];
    return [{ ...one, record: { ...one.record, trial: 2 } }];
  });
  return begun ? [...once, ...later] : [];
}

export function worseThenBetter(): readonly Entry[] {
  return new SampleSession()
    .baseline()
    .trial({ to: { threads: 4 }, gain: -0.3, pairs: 12, ...worse })
    .trial({ to: { threads: 4 }, gain: 0.3, pairs: 12 })
    .stop().entries;
}

/** One commit, whose hold-back saw as much again, and a sweep that shows another figure. */
function sweptBesideHoldBack(): readonly Entry[] {
  const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
  const records = session.entries.flatMap((one) => (one.kind === 'record' ? [one.record] : []));
  for (const record of records)
    if (record.kind === 'trial') session.record({ ...record, trial: 2, purpose: 'hold-back' });
  for (const record of records)
    if (record.kind === 'pair' && record.pair.index < 5) session.record({ ...record, trial: 2 });
  const chosen = { ...sampleStart, batchSize: 64 };
  const metric = (estimate: number) => ({ estimate, low: 0.98 * estimate, high: 1.02 * estimate, level: 0.95 });
  return session
    .record({ kind: 'anchor', settings: chosen, reason: 'it held' })
    .remark({
      kind: 'sweep',
      title: 'measured in turns',
      points: [
        { settings: sampleStart, windows: 6, metric: metric(14_000) },
        {
          settings: chosen,
          windows: 6,
          metric: metric(91_000),
          gain: { estimate: 5.5, low: 5.3, high: 5.7, level: 0.95 },
        },
      ],
    })
    .stop().entries;
}

function noiseThenTrial(): readonly Entry[] {
  return new SampleSession()
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .trial(toBatches)
    .stop().entries;
}

function refusedAfterProbe(allow: readonly OptionChange[]): readonly Entry[] {
  const gain = { estimate: 2.4, low: 1.2, high: 3.9, level: 0.8 };
  const predicted = { gain, pGain: 0.97, risk: 'low', model: 'batch' } as const;
  return new SampleSession()
    .baseline()
    .probe({ batchSize: 8 }, 57_000, 'what a batch costs')
    .record({
      kind: 'not-tried',
      code: 'too-long',
      settings: { ...sampleStart, batchSize: 8 },
      reason: 'more time would be needed than is allowed',
      refused: { from: sampleStart, predicted, allow },
    })
    .stop().entries;
}

/** A setting that a probe saw clearly better, of which the models then say much and predict nothing. */
export function unpredictedAfterProbe(): readonly Entry[] {
  return new SampleSession()
    .baseline()
    .probe({ batchSize: 8 }, 57_000, 'what a batch costs')
    .record({
      kind: 'not-tried',
      code: 'nothing-predicted',
      settings: null,
      reason: `batch: ${'a call runs for a while in its worker; '.repeat(20)}threads: no more can be used`,
    })
    .stop().entries;
}
