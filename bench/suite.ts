/** A suite is groups of figures; each group takes ten minutes at the most, and can be run alone. */
import { availableParallelism, cpus } from 'node:os';
import type { Figure } from './figure.ts';

/** 2: names are ids; `targets` in place of one number; `ratios`. */
const benchSchemaVersion = 2;

/** quick: a suite within 45 s, few samples, targets indicative. full: a group within ten minutes. long: as long as it takes. */
export type SuiteLength = 'quick' | 'full' | 'long';

export interface SuiteOptions {
  readonly length: SuiteLength;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

export interface Group {
  readonly about: string;
  readonly run: (options: SuiteOptions) => Promise<readonly Figure[]>;
}

export interface Suite {
  readonly about: string;
  readonly groups: Readonly<Record<string, Group>>;
}

export interface SuiteResult {
  readonly schemaVersion: typeof benchSchemaVersion;
  /** `core`, or `core.wrap` where one group was run. */
  readonly suite: string;
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly seed: number;
  readonly length: SuiteLength;
  readonly figures: readonly Figure[];
}

/** @param figures all of this run */
export function resultOf(
  suite: string,
  { length, seed }: Pick<SuiteOptions, 'length' | 'seed'>,
  figures: readonly Figure[],
): SuiteResult {
  return {
    schemaVersion: benchSchemaVersion,
    suite,
    date: new Date().toISOString(),
    node: process.version,
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    seed,
    length,
    figures,
  };
}
