/**
 * Why a trial ended, and what each ending means: one row a trigger. Whoever wants to know what a
 * trigger stands for reads its row; no other file compares one with a literal.
 *
 *   TrialResult.trigger, Decided.trigger ── triggers[…] ──▶ TriggerMeaning
 */
export interface TriggerMeaning {
  /** The candidate is worth keeping, for what it gains or for what it saves; null: it is not kept. */
  readonly keeps: 'gain' | 'saving' | null;
  /** What looked at the candidate and ended the trial; null: it ended for a reason that says nothing of the candidate. */
  readonly judgedBy: 'engine' | 'guardrail' | 'breaker' | null;
  /** The candidate was seen to do harm. */
  readonly harms: boolean;
  /** What the ending says of the candidate was proven; a breaker does not wait for proof. */
  readonly proven: boolean;
  /** The ending speaks against the candidate. A commit whose hold-back ends so is ruled out for a while. */
  readonly blames: boolean;
  /** The candidate of a trial that ends so is not proposed again for a while, whosever fault it was. */
  readonly rests: boolean;
  /** It may have been an outage: the same is tried again at once. */
  readonly again: boolean;
  /** What was measured before and says nothing any more about what comes. */
  readonly voids: 'nothing' | 'reference' | 'everything';
  /** Somebody who was asked said no. */
  readonly declined: boolean;
  /** The meaning in words, for somebody who never saw a trial. */
  readonly says: string;
}

const blameless = {
  keeps: null,
  judgedBy: null,
  harms: false,
  proven: false,
  blames: false,
  rests: false,
  again: false,
  voids: 'nothing',
  declined: false,
} as const;
const kept = { ...blameless, judgedBy: 'engine', proven: true } as const;
const unproven = { ...blameless, judgedBy: 'engine', blames: true, rests: true } as const;
const harmful = { ...unproven, harms: true, proven: true } as const;
const breaker = { ...harmful, proven: false, judgedBy: 'breaker' } as const;
/** Nothing speaks against the candidate, but another trial right now would end in the same way. */
const later = { ...blameless, rests: true } as const;

const rows = Object.freeze({
  better: { ...kept, keeps: 'gain', says: 'proven better' },
  'equivalent-and-cheaper': { ...kept, keeps: 'saving', says: 'no difference, and it needs less' },
  equivalent: { ...unproven, proven: true, says: 'no difference worth a change' },
  worse: { ...harmful, says: 'proven worse than the loss you accept' },
  'all calls': { ...harmful, says: 'bad windows that are its own cost more calls than the others gain' },
  'all calls lost': {
    ...unproven,
    says: 'over all calls it lost more than you accept, which is not proven and was not refuted in the time allowed',
  },
  'slow harm': { ...harmful, says: 'what it costs builds up while it stays, and hurts both settings' },
  guardrail: { ...harmful, judgedBy: 'guardrail', says: 'proven to break one of the limits' },
  // It ends the trial, because a setting that breaks a limit is not kept; that it is worse is not proven.
  'limit broken by both': {
    ...unproven,
    judgedBy: 'guardrail',
    says: 'a limit is broken under it, and under the setting before as well',
  },
  'breaker: worker lost': { ...breaker, says: 'a worker died under it' },
  'breaker: latency': { ...breaker, says: 'latency jumped to more than three times its level' },
  'breaker: margin': { ...breaker, says: 'a latency was plainly beyond its margin, three times in a row' },
  'breaker: errors': { ...breaker, says: 'calls failed under it and not beside it' },
  'breaker: drop': { ...breaker, says: 'it lost too much, twice in a row' },
  // A setting under which nothing comes out is left at once; half of the outages of others hit one of its windows.
  'outage or candidate': { ...blameless, again: true, says: 'nothing came out in one window: an outage, or its doing' },
  'breaker: stall': { ...breaker, says: 'nothing came out under it, for the second time within a day' },
  futile: { ...unproven, says: 'no proof either way, and none in sight' },
  'max duration': { ...unproven, says: 'no proof in the time allowed' },
  'no data': { ...blameless, voids: 'reference', says: 'too few calls to judge it' },
  'load changed': { ...blameless, voids: 'everything', says: 'the load changed, so the arms no longer compare' },
  'level changed': {
    ...blameless,
    voids: 'reference',
    says: 'both settings were far better than before it, so the reference holds no longer',
  },
  'cpus changed': { ...blameless, voids: 'everything', says: 'the CPUs changed, so the arms no longer compare' },
  'check failed': { ...later, says: 'a check of the measurement failed' },
  'apply failed': { ...blameless, says: 'a knob refused to be set' },
  'measure failed': { ...later, says: 'the executor gave no window that can be judged' },
  declined: { ...later, declined: true, says: 'the answer was no' },
  unanswered: { ...later, says: 'nobody answered in time' },
  stopped: { ...blameless, says: 'the tuner was stopped' },
  interrupted: { ...blameless, says: 'the program was asked to end' },
  off: { ...blameless, says: 'sandtune was switched off' },
  ledger: { ...blameless, says: 'the ledger could not be written' },
  'handed over': { ...blameless, says: 'its session ended and another one followed' },
  closed: { ...blameless, says: 'its executor was closed' },
  failed: { ...blameless, says: 'the tuner itself failed' },
} as const) satisfies Readonly<Record<string, TriggerMeaning>>;

/** Why a trial ended. Closed set. */
export type Trigger = keyof typeof rows;

export const triggers: Readonly<Record<Trigger, TriggerMeaning>> = rows;

export type BreakerTrigger = {
  [T in Trigger]: (typeof rows)[T]['judgedBy'] extends 'breaker' ? T : never;
}[Trigger];
