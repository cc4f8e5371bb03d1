/**
 * What a benchmark gives: figures, each with its peers measured in the same invocation, arms
 * interleaved. Figures of different runs or machines are never compared.
 */
import { availableParallelism, cpus } from 'node:os';

export const benchSchemaVersion = 1;

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** What we want it to be; judged on a full run only. */
  readonly target?: number;
  readonly peers?: Readonly<Record<string, number>>;
  readonly samples: number;
  readonly ci95?: readonly [number, number];
}

/** quick: within 45 s, few samples, targets indicative. full: within 10 minutes. long: as long as it takes. */
export type SuiteLength = 'quick' | 'full' | 'long';

export interface SuiteOptions {
  readonly length: SuiteLength;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

export interface Suite {
  readonly about: string;
  readonly run: (options: SuiteOptions) => Promise<readonly Figure[]>;
}

export interface SuiteResult {
  readonly schemaVersion: typeof benchSchemaVersion;
  readonly suite: string;
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly seed: number;
  readonly length: SuiteLength;
  readonly figures: readonly Figure[];
}

export function machineText(): string {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
}

/** Mean of `samples` with its 95 % interval (normal), as the fields of a figure. */
export function estimated(samples: readonly number[]): Pick<Figure, 'value' | 'samples' | 'ci95'> {
  const n = samples.length;
  const value = samples.reduce((sum, one) => sum + one, 0) / n;
  const sd = Math.sqrt(samples.reduce((sum, one) => sum + (one - value) ** 2, 0) / Math.max(1, n - 1));
  const half = (1.96 * sd) / Math.sqrt(n);
  return { value, samples: n, ci95: [value - half, value + half] };
}

export function tableOf({ figures, length }: SuiteResult): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, better, target, peers = {}, ci95 } = figure;
    const reached =
      target === undefined ? '' : (better === 'higher' ? value >= target : value <= target) ? 'reached' : 'MISSED';
    const peerText = Object.entries(peers).map(([peer, theirs]) =>
      theirs === 0 ? `${peer} 0` : `${peer} ${short(theirs)} (ours × ${short(value / theirs)})`,
    );
    return `| ${name} | ${short(value)}${ci95 ? ` [${short(ci95[0])}, ${short(ci95[1])}]` : ''} ${unit} | ${better} | ${target === undefined ? '' : `${short(target)} ${reached}${length === 'quick' ? ' (indicative)' : ''}`} | ${peerText.join('; ')} |`;
  });
  return ['| figure | value [95 %] | better | target | peers, same run |', '|---|---|---|---|---|', ...rows].join('\n');
}

function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return size >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
