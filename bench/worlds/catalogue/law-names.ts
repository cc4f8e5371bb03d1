/**
 * The laws of the catalogue, and which of them the tuner's own models use. The tuner is no judge of
 * itself in worlds that follow its models: at least half of those with an effect follow none of them.
 */

interface LawRow {
  /** The file of `tuner/predict/` that uses the law; null: none does. */
  readonly predictedBy: string | null;
  /** What is written where the law is used. */
  readonly words: RegExp;
}

export type LawName = keyof typeof laws;

export const laws = {
  'worker pool': { predictedBy: 'pool-law.ts', words: /starvation|wakeMs/ },
  'a + b·n': { predictedBy: 'batch.ts', words: /once\s+(?:\*\s+)?a batch|a \+ b·n/ },
  'stack distances': { predictedBy: 'cache.ts', words: /stack distances/i },
  scalability: { predictedBy: 'usl.ts', words: /scalability law/i },
  'bulk queue': { predictedBy: null, words: /bulk|Bailey/i },
  repairmen: { predictedBy: null, words: /repairm[ae]n|mean.value analysis/i },
  'processor sharing': { predictedBy: null, words: /processor sharing|shares? its time/i },
  'random replacement': { predictedBy: null, words: /random replacement|throws? out by chance/i },
  hill: { predictedBy: null, words: /\bhill\b/i },
  hump: { predictedBy: null, words: /\bsecant\b|cosh/i },
  thrash: { predictedBy: null, words: /thrash|logistic/i },
  tiled: { predictedBy: null, words: /\btiled?s?\b/i },
  ridge: { predictedBy: null, words: /\bridge\b|quadratic form/i },
  table: { predictedBy: null, words: /value by value/i },
  /** Every setting does the same: there is nothing to predict. */
  flat: { predictedBy: null, words: /every setting does the same/i },
} as const satisfies Readonly<Record<string, LawRow>>;
