/**
 * What the package of that commit named otherwise: the sizes of trials stood beside the other options of
 * `tune()`, and clock, timers and variables were its third argument.
 */
import type { Executor } from '../../src/contracts.ts';
import type { ExpertOptions } from '../../tuner/expert-options.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import type { Tuner } from '../../tuner/tuner.ts';
import type { PackageEntry } from '../arms/entries.ts';

type Tune = (
  executor: Executor,
  options: Omit<TuneOptions, 'expert' | 'surroundings'> & ExpertOptions,
  surroundings?: TuneOptions['surroundings'],
) => Tuner;

export function tuner({ tune }: { readonly tune: Tune }): PackageEntry<'tuner'> {
  return {
    tune(executor: Executor, asked: TuneOptions = {}) {
      const { expert, surroundings, ...options } = asked;
      return tune(executor, { ...options, ...expert }, surroundings);
    },
  };
}
