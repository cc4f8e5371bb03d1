/** Arms that answer, fail or end as their spec says, for tests of arms in processes of their own. */
import type { OpenArm } from '../../bench/compare.ts';

export type FixtureSpec =
  | { readonly kind: 'answers'; readonly value: number }
  | { readonly kind: 'does-not-open' }
  | { readonly kind: 'wrong-result' }
  | { readonly kind: 'ends' }
  | { readonly kind: 'never-answers' };

export async function openArm(spec: FixtureSpec, entries: object): Promise<OpenArm> {
  if (spec.kind === 'does-not-open') throw new Error('no such entry');
  return {
    measure: (forMs) => {
      switch (spec.kind) {
        case 'answers':
          return Promise.resolve({ value: spec.value, forMs, pid: process.pid, entries: Object.keys(entries).length });
        case 'wrong-result':
          return Promise.reject(new Error('expected 3, got 4'));
        case 'ends':
          process.stderr.write('out of memory\n');
          return process.exit(7);
        default:
          return new Promise(() => setInterval(() => undefined, 1000));
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
