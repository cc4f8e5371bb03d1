/** JSON in which one value somewhere is another one than was written, or is gone. */
import type { RandomSource } from '../../../src/foundation/random.ts';

const others: readonly unknown[] = [null, '', 'x', -1, 0, 1e308, true, [], {}, [null], { toString: 1 }, '__proto__'];

export function alteredValue(text: string, random: RandomSource): { readonly text: string; readonly said: string } {
  const value = JSON.parse(text) as object;
  const places = placesIn(value, '');
  const place = places[Math.floor(random() * places.length)];
  if (!place) return { text: '{}', said: 'nothing left' };
  const { of, key, path } = place;
  if (random() < 0.2) {
    delete of[key];
    return { text: JSON.stringify(value), said: `${path} is gone` };
  }
  of[key] = others[Math.floor(random() * others.length)];
  return { text: JSON.stringify(value), said: `${path} is ${JSON.stringify(of[key])}` };
}

interface Place {
  readonly of: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

function placesIn(value: object, path: string): readonly Place[] {
  const of = value as Record<string, unknown>;
  return Object.keys(of).flatMap((key) => {
    const here = { of, key, path: `${path}.${key}` };
    const inside = of[key];
    return typeof inside === 'object' && inside !== null ? [here, ...placesIn(inside, here.path)] : [here];
  });
}
