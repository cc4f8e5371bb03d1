/**
 * What makes the pools of piscina's own tests, in the process of a test. The query of this module's URL says
 * what has happened to a pool when a test gets it, and what its calls pass through.
 */

import type { PiscinaPool } from '../../../../src/adapters/piscina/piscina-shape.ts';
import { wrap } from '../../../../src/adapters/wrap.ts';
import type { Knob } from '../../../../src/contracts.ts';

export const subjects = ['bare', 'after a trial', 'after a trial, through the wrap'] as const;
export type Subject = (typeof subjects)[number];

const subject = new URL(import.meta.url).searchParams.get('subject') as Subject | null;

export async function made<P extends PiscinaPool>(
  Piscina: new (...given: unknown[]) => P,
  ...given: unknown[]
): Promise<P> {
  const pool = new Piscina(...given);
  if (subject === 'bare') return pool;
  const wrapped = wrap(pool as PiscinaPool);
  for (const knob of wrapped.knobs) await tryOut(knob as Knob<never>);
  if (subject === 'after a trial') return pool;
  return new Proxy(pool, {
    get(target, key) {
      if (key === 'run') return wrapped.run.bind(wrapped);
      const value: unknown = Reflect.get(target, key, target);
      // Fields of a class are found on the pool itself, not on what stands for it.
      return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

/** What a trial does to a knob, ended where it began. */
async function tryOut(knob: Knob<never>): Promise<void> {
  const from = knob.defaultValue;
  for (const to of othersOf(knob)) {
    const warm = await knob.keepWarm(from, to);
    for (const value of [to, from, to, from]) await knob.apply(value);
    await warm[Symbol.asyncDispose]();
  }
}

/** One value above and one below what is configured, where there are such. */
function othersOf({ domain, defaultValue }: Knob<never>): never[] {
  const from = Number(defaultValue);
  const values: readonly number[] = 'min' in domain ? [domain.min, Math.min(domain.max, from + 1)] : domain;
  return [values.find((value) => value > from), values.find((value) => value < from)].filter(
    (value) => value !== undefined,
  ) as never[];
}
