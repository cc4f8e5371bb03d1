/**
 * Ledgers of sessions that never ran: shape-valid entries with the story of a real one, for tests
 * of views. Every figure is seeded noise round a story.
 */
import type { Ledger, Settings, Window } from '../../src/contracts.ts';
import { gaussian, type RandomSource, randomStream } from '../../src/foundation/random.ts';
import type {
  Arm,
  Entry,
  PairPoint,
  Remark,
  SessionEntry,
  TunerEvent,
  TunerRecord,
} from '../../tuner/entries/entries.ts';
import { parseGoal } from '../../tuner/goal.ts';
import { resolveTuneOptions, type TuneOptions } from '../../tuner/options.ts';
import { effectOf, logE, type SampleTrial, sampleResult } from './sample-evidence.ts';
import { sampleKnobs } from './sample-knobs.ts';
import { sampleWindow } from './sample-window.ts';

export const sampleStart: Settings = Object.freeze({
  threads: 3,
  batchSize: 1,
  batchLingerMs: 0,
  moduleCacheCapacity: 8,
});

/** A ledger of these entries. */
export function memoryLedger(entries: readonly Entry[]): Ledger<Entry> {
  const kept = [...entries];
  return {
    append: (entries) => {
      kept.push(...entries);
    },
    durable: () => Promise.resolve(),
    read: ({ session, windows = true } = {}) =>
      kept.filter(
        (entry) =>
          (session ?? entry.session) === entry.session &&
          (windows || entry.kind !== 'event' || entry.event.kind !== 'measured'),
      ),
    anchor: () => kept.findLast((one) => one.kind === 'session')?.anchor ?? {},
  };
}

export interface SampleOptions {
  readonly session?: number;
  readonly seed?: number;
  readonly tune?: TuneOptions;
  /** Name of the second guest function. */
  readonly functionName?: string;
}

/** On the executor's clock, by which sample events are dated. */
const beginsAtMs = 1_000;

/** Writes the entries of one session, in the order the tuner would. */
export class SampleSession {
  readonly entries: Entry[] = [];
  readonly #session: SessionEntry;
  readonly #random: RandomSource;
  readonly #functionName: string;
  #current = sampleStart;
  #level = 14_800;
  #atMs = beginsAtMs;
  #trial = 0;

  constructor({ session = 4_071, seed = 7, tune = {}, functionName = 'blake3' }: SampleOptions = {}) {
    const isGoodput = tune.minimize === undefined && (tune.maximize ?? 'goodput') === 'goodput';
    const goal = isGoodput ? ({ maximize: 'goodput', sloMs: 250 } as const) : {};
    const words = { ...goal, mode: 'auto', stateDir: '.sandtune', seed, ...tune } as const;
    const { options } = resolveTuneOptions({ ...words, surroundings: { environment: {} } });
    this.#random = randomStream(seed, 'sample');
    this.#functionName = functionName;
    this.#session = {
      kind: 'session',
      schemaVersion: 1,
      session,
      startedAtMs: Date.UTC(2026, 10, 21, 14, 5),
      executor: 'demo sandbox',
      seed,
      options,
      goal: parseGoal(words),
      load: 'closed',
      recalled: { spent: [], scores: [], ruledOut: [], known: [] },
      anchor: sampleStart,
      environment: {
        sandtune: '0.1.0',
        node: '26.10.0',
        platform: 'linux x64',
        cpuModel: 'Example CPU at 2.4 GHz',
        cores: 2,
        memoryBytes: 8 * 2 ** 30,
      },
      knobs: sampleKnobs,
    };
    this.entries.push(this.#session);
    this.event({ kind: 'begin', atMs: this.#atMs });
  }

  event(event: TunerEvent): this {
    const sinceMs = event.atMs - beginsAtMs;
    this.entries.push({ kind: 'event', session: this.#session.session, sinceMs, event });
    return this;
  }

  record(record: TunerRecord): this {
    this.entries.push({ kind: 'record', session: this.#session.session, record });
    return this;
  }

  remark(remark: Remark): this {
    this.entries.push({ kind: 'remark', session: this.#session.session, remark });
    return this;
  }

  baseline(windows = 20): this {
    for (let i = 0; i < windows; i++) this.#measured('baseline', this.#current, this.#level, 500);
    const half = this.#level * 0.012;
    return this.record({
      kind: 'baseline',
      settings: this.#current,
      windows,
      sigmaD: 0.031,
      load: 'closed',
      loadSource: 'declared',
      metric: { estimate: this.#level, low: this.#level - half, high: this.#level + half, level: 0.99 },
    });
  }

  probe(settings: Settings, level: number, learns: string): this {
    const to = { ...this.#current, ...settings };
    this.record({ kind: 'probe', settings: to, learns, harmedMs: 0 }).record({
      kind: 'intent',
      settings: to,
      purpose: 'probe',
    });
    for (let i = 0; i < 3; i++) {
      this.#measured('candidate', to, level, 250);
      if (i < 2) this.#measured('baseline', this.#current, this.#level, 250);
    }
    return this;
  }

  trial(plan: SampleTrial): this {
    const trial = ++this.#trial;
    const { goal, options } = this.#session;
    const [from, to] = [this.#current, { ...this.#current, ...plan.to }];
    const purpose = plan.purpose ?? 'candidate';
    if (purpose === 'candidate') {
      const predicted = plan.predicted
        ? { gain: plan.predicted, pGain: 0.97, risk: 'low' as const, model: 'batch: a + b·n' }
        : null;
      this.record({
        kind: 'sealed',
        trial,
        by: predicted ? 'predictor' : 'user',
        from,
        settings: to,
        predicted,
        reason: plan.proposalReason ?? 'somebody wanted to know',
      });
    }
    this.record({
      kind: 'trial',
      atMs: this.#atMs,
      trial,
      purpose,
      baseline: from,
      candidate: to,
      unjudged: [],
      design: {
        seed: 99 + trial,
        purpose,
        goal,
        load: 'closed',
        windowMs: 500,
        jitterFraction: 0.2,
        discardMs: 50,
        minCompletions: 50,
        rampPairs: 1,
        sigmaD: 0.031,
        alpha: options.alpha,
        commitAlpha: options.alpha,
        revertAt: options.revertAt,
        cheaper: false,
        maxPairs: 60,
        maxDurationMs: 600_000,
        engine: true,
        breakers: true,
      },
    });
    const firstMs = this.#atMs;
    const candidateLevel = this.#level * (1 + plan.gain);
    let calls = { baseline: 0, candidate: 0 };
    const measure = (arm: Arm, forMs: number) => {
      const [settings, level] = arm === 'baseline' ? [from, this.#level] : [to, candidateLevel];
      const window = this.#measured(arm, settings, level, forMs * (0.8 + 0.4 * this.#random()));
      calls = { ...calls, [arm]: calls[arm] + window.offered };
      return (window.outcomes.ok / (window.endMs - window.startMs)) * 1000;
    };
    if (purpose === 'candidate') for (const arm of ['baseline', 'candidate'] as const) measure(arm, 200);
    const points: PairPoint[] = [];
    for (let index = 0; index < plan.pairs; index++) {
      const order = this.#random() < 0.5 ? 'AB' : 'BA';
      const values = new Map(
        (order === 'AB' ? (['baseline', 'candidate'] as const) : (['candidate', 'baseline'] as const)).map((arm) => [
          arm,
          measure(arm, 500),
        ]),
      );
      const [baseline, candidate] = [values.get('baseline') ?? 0, values.get('candidate') ?? 0];
      const d = Math.log(candidate / baseline);
      const all = [...points.map((one) => one.d), d];
      points.push({
        index,
        order,
        baseline,
        candidate,
        d,
        log10Better: logE(all, 0, 1),
        log10Worse: logE(all, Math.log1p(options.revertAt), -1),
        effect: effectOf(all),
      });
      this.record({ kind: 'pair', trial, pair: points[index]!, waitsFor: plan.waitsFor ?? [] });
    }
    if (plan.cutOff) return this;
    return this.#concluded(trial, plan, from, to, points, calls, this.#atMs - firstMs);
  }

  #concluded(
    trial: number,
    plan: SampleTrial,
    from: Settings,
    to: Settings,
    points: readonly PairPoint[],
    calls: { baseline: number; candidate: number },
    afterMs: number,
  ): this {
    const result = sampleResult(plan, this.#session.goal, points, calls);
    const { trigger } = result;
    this.record({ kind: 'verdict', trial, result });
    if (plan.purpose === 'a/a')
      return this.record({
        kind: 'noise',
        trial,
        pairs: points.length,
        floor: Math.max(Math.abs(result.effect.low), Math.abs(result.effect.high)),
        fullTrial: { pairs: 60, floor: 0.021 },
        effect: result.effect,
      });
    if (plan.predicted)
      this.record({
        kind: 'score',
        trial,
        model: 'batch: a + b·n',
        predicted: plan.predicted,
        measured: result.effect,
        covered: plan.predicted.low <= result.effect.estimate && result.effect.estimate <= plan.predicted.high,
        brier: 0.0009,
        atMs: this.#atMs,
      });
    if (plan.asked) return this.record({ kind: 'ask', trial, settings: to });
    const decision = plan.decision ?? 'commit';
    const commit = decision === 'commit';
    this.record({
      kind: 'decision',
      trial,
      decision,
      trigger,
      settings: commit ? to : from,
      callsAffected: commit ? 0 : calls.candidate,
      afterMs,
      reason: plan.reason ?? 'the e-value passed its line',
    });
    if (!commit) return this;
    this.#current = to;
    this.#level *= 1 + plan.gain;
    this.record({ kind: 'intent', settings: to, purpose: 'commit' });
    if (plan.pending) return this;
    return this.record({ kind: 'intent', settings: to, purpose: 'anchor' }).record({
      kind: 'anchor',
      settings: to,
      reason: 'no hold-back was asked for',
    });
  }

  stop(): this {
    return this.event({ kind: 'stop', atMs: this.#atMs }).record({
      kind: 'phase',
      phase: 'stopped',
      reason: 'the tuner was asked to stop',
    });
  }

  #measured(arm: Arm, settings: Settings, level: number, forMs: number): Window {
    const rate = level * Math.exp(0.022 * gaussian(this.#random));
    const window = sampleWindow(
      { settings, rate, startMs: this.#atMs + 50, forMs, epoch: this.#trial, functionName: this.#functionName },
      this.#random,
    );
    this.#atMs = window.endMs;
    this.event({ kind: 'measured', atMs: window.endMs, arm, window, effective: settings });
    return window;
  }
}
