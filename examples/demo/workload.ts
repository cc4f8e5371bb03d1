/**
 * The demo's work: real guests over real files. `createSandbox({ guests: demoGuests() })` runs what
 * `createMix(corpus, seed).nextCall()` gives; `verify` says whether a result is right.
 */
export { demoGuests } from './guests/catalogue.ts';
export { type Corpus, corpusDefaults, loadCorpus, maxFileBytes } from './input/corpus.ts';
export { createMix, type DemoCall, lexFraction, rankedFunctions } from './input/mix.ts';
export { isVerifiable, verify } from './input/verify.ts';
