/** A suite is groups of figures; each group takes ten minutes at the most, and can be run alone. */
import { availableParallelism, cpus } from 'node:os';
import { isRatio, ratioName } from './against-figure.ts';
import type { Reference } from './arms/reference.ts';
import type { Figure } from './figure.ts';
import type { Lap } from './tuner/lap.ts';

/** 2: names are ids; `targets` in place of one number; `ratios`. */
const benchSchemaVersion = 2;

/** quick: a suite within 45 s, few samples, targets indicative. full: a group within ten minutes. long: as long as it takes. */
export type SuiteLength = 'quick' | 'full' | 'long';

export interface SuiteOptions {
  readonly length: SuiteLength;
  readonly seed: number;
  readonly progress: (text: string) => void;
  /** Aborted by ctrl-C. */
  readonly signal?: AbortSignal;
  /** Another commit: one more arm where a figure is measured through the package's entries. */
  readonly reference?: Reference;
  /** Says why the figure of that name has no ratio to the reference. */
  readonly leaveOut?: (figure: string, reason: string) => void;
  /** Called with the laps of whole runs, for a report of them. */
  readonly keep?: (laps: readonly Lap[]) => void;
  /** In how many seeds, where a group runs whole worlds. Left out: as many as its length says. */
  readonly seeds?: number;
  /** The one world to run in: a name of the catalogue in bench/worlds, or a file. */
  readonly world?: string;
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
  readonly against?: AgainstResult;
}

interface AgainstResult {
  readonly ref: string;
  readonly commit: string;
  /** Figures that commit could not give, each with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** CPUs a process may use, and which they are. */
export function machineText(): string {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
}

/** @param figures all of this run */
export function resultOf(
  suite: string,
  { length, seed, reference }: Pick<SuiteOptions, 'length' | 'seed' | 'reference'>,
  figures: readonly Figure[],
  leftOut: ReadonlyMap<string, string> = new Map(),
): SuiteResult {
  return {
    schemaVersion: benchSchemaVersion,
    suite,
    date: new Date().toISOString(),
    node: process.version,
    machine: machineText(),
    seed,
    length,
    figures,
    ...(reference && { against: againstOf(reference, figures, leftOut) }),
  };
}

/** A figure that came without theirs and without a reason was measured in another way than through the entries. */
function againstOf(
  { name, commit }: Reference,
  figures: readonly Figure[],
  reasons: ReadonlyMap<string, string>,
): AgainstResult {
  const names = new Set(figures.map((figure) => figure.name));
  const without = figures
    .filter(({ name: figure, peers = {} }) => !isRatio(figure) && !names.has(ratioName(figure)) && !(name in peers))
    .map((figure) => figure.name);
  return {
    ref: name,
    commit,
    leftOut: Object.fromEntries(
      without.map((figure) => [figure, reasons.get(figure) ?? "not measured through the package's entries"]),
    ),
  };
}
