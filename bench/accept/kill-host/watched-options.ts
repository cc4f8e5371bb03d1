/** What the parent process asks of a watched service, in a variable of its environment. */
import type { Settings } from '../../../src/contracts.ts';
import type { ExpertOptions } from '../../../tuner/index.ts';
import type { Guard } from './guards.ts';

export interface WatchedOptions {
  readonly seed: number;
  readonly expert: ExpertOptions;
  /** The first of these that differs from the anchor is proposed; nothing where none does. */
  readonly proposals: readonly Settings[];
  /** What is taken away from the product, to see that its want is seen. */
  readonly without: Guard | null;
}

/** Holds them as JSON. */
export const optionsVariable = 'SANDTUNE_ACCEPT_KILL_HOST';
