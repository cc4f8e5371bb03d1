/**
 * Chance as something handed in, and reproducible: every stream is named by a seed and a key, so a
 * replay needs no saved generator state.
 */

/** Uniform in [0, 1). */
export type RandomSource = () => number;

/**
 * A seeded stream (sfc32, 128 bits of state).
 * @param seed any integer
 * @param key names the stream: different keys give unrelated streams
 * @see Chris Doty-Humphrey, PractRand: sfc32
 */
export function randomStream(seed: number, key = ''): RandomSource {
  let a = hash(`${seed}/${key}/a`);
  let b = hash(`${seed}/${key}/b`);
  let c = hash(`${seed}/${key}/c`);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

/** A standard normal deviate (Box–Muller). */
export function gaussian(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A fresh seed, for when the user gave none; it is written down wherever it is used. */
export function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** FNV-1a, 32 bits, with a final avalanche. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) | 0;
}
