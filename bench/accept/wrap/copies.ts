/** The copies of piscina that programs run: one of each of its major versions that `wrap()` speaks of. */
import { Piscina as Piscina5 } from 'piscina';
import { Piscina as Piscina4 } from 'piscina4';
import { Piscina as Piscina6 } from 'piscina6';
import type { PiscinaPool, PiscinaRunOptions } from '../../../src/adapters/piscina/piscina-shape.ts';

/** What promises look at, on a pool as its program has it. */
export interface BarePool extends PiscinaPool {
  run(input: unknown, options?: PiscinaRunOptions): Promise<unknown>;
  destroy(): Promise<void>;
  readonly queueSize: number;
  readonly needsDrain: boolean;
  readonly completed: number;
  readonly utilization: number;
  readonly duration: number;
  listenerCount(event: string): number;
  on(event: string, listener: (...about: never[]) => void): unknown;
  off(event: string, listener: (...about: never[]) => void): unknown;
}

export interface Copy {
  /** 'piscina 4.9.4' */
  readonly name: string;
  readonly major: 4 | 5 | 6;
  /** What it is installed as. */
  readonly package: string;
  readonly Piscina: new (options: object) => BarePool;
}

export const copies: readonly Copy[] = [
  copyOf('piscina4', Piscina4),
  copyOf('piscina', Piscina5),
  copyOf('piscina6', Piscina6),
];

function copyOf(name: string, Piscina: { readonly version: string }): Copy {
  const version = Piscina.version.replace(/^v/, '');
  return {
    name: `piscina ${version}`,
    major: Number(version[0]) as Copy['major'],
    package: name,
    Piscina: Piscina as unknown as Copy['Piscina'],
  };
}
