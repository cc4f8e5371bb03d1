/**
 * What a benchmark gives: figures, each with its peers measured in the same invocation, arms
 * interleaved. Figures of different runs or machines are never compared.
 *
 *   figure ── judge.ts ──▶ each of its targets reached, missed or unjudged
 */
import { expected } from '../src/foundation/options.ts';

export interface Figure {
  /** An id: lower-case words joined by '-', '_' or '.'. It stays the same from release to release. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly targets?: readonly Target[];
  /** The same figure of others, by their names. */
  readonly peers?: Readonly<Record<string, number>>;
  /** The same figure of those who know the truth, or do nothing: they are no peers, and decide nothing. */
  readonly oracles?: Readonly<Record<string, number>>;
  /** This figure divided by a peer's, from pairs measured side by side; such a target is judged on it. */
  readonly ratios?: Readonly<Record<string, Estimate>>;
  /** The same over a range, for the JSON. */
  readonly curves?: Curves;
  /** What the value and its interval were made of: windows, processes, simulated trials. */
  readonly samples: number;
  /** Absent where there were too few samples for an interval. */
  readonly ci95?: readonly [number, number];
}

/** By arm, points of x and y. */
interface Curves {
  readonly x: string;
  readonly y: string;
  readonly points: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>;
}

export type Estimate = Pick<Figure, 'value' | 'samples' | 'ci95'>;

/** What a figure is to be: `value` itself, or `value` times the figure of a peer. */
export interface Target {
  readonly op: '>=' | '<=';
  readonly value: number;
  /** A peer; of a list the best, which is the hardest to reach; `best`: the best of all peers. */
  readonly of?: string | readonly string[];
  /**
   * What is held against it: the end of the 95 % interval that is harder to reach, or the value where
   * the target itself was reckoned for a fixed number of trials. @defaultValue 'bound'
   */
  readonly on?: 'bound' | 'value';
}

const namePattern = /^[a-z0-9]+([-_.][a-z0-9]+)*$/;

/**
 * The figures as they came, once nothing in them contradicts itself.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for a name that is no id or came twice, a peer called 'best', a target that wants the worse
 */
export function checkFigures(figures: readonly Figure[]): readonly Figure[] {
  const names = new Set<string>();
  for (const { name, better, targets = [], peers = {} } of figures) {
    if (!namePattern.test(name)) throw expected('name of a figure', "lower-case words joined by '-', '_' or '.'", name);
    if (names.has(name)) throw expected('name of a figure', 'one no other figure has', name);
    names.add(name);
    if ('best' in peers)
      throw expected(`${name}: name of a peer`, "one other than 'best', which names them all", 'best');
    for (const { op, value } of targets) {
      if (op !== (better === 'higher' ? '>=' : '<='))
        throw expected(`${name}: op of a target`, `'>=' where higher is better, '<=' where lower is`, op);
      if (!Number.isFinite(value)) throw expected(`${name}: value of a target`, 'a finite number', value);
    }
  }
  return figures;
}
