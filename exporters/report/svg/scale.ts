/**
 * From values to pixels, shared by all pictures: a scale is a function and its ticks. Domains that
 * have no extent are widened, so that a single point sits in the middle.
 */

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

type Ends = readonly [number, number];

/** Ticks at 1, 2, 2.5 or 5 times a power of ten. @param range pixels */
export function linearScale(domain: Ends, range: Ends, wanted = 5): Scale {
  const [low, high] = widened(domain);
  const place = (value: number) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]);
  return Object.assign(place, { ticks: niceTicks(low, high, wanted) });
}

/** For positive values; ticks at 1, 2, 5 times powers of ten (powers alone where that gets crowded). */
export function logScale(domain: Ends, range: Ends, wanted = 6): Scale {
  const low = Math.max(domain[0], 1e-12);
  // An end that overflowed has no powers of ten to count to.
  const high = Math.min(Math.max(domain[1], low * 1.0001), 1e300);
  const inner = linearScale([Math.log(low), Math.log(high)], range);
  // A thousandth of the extent, for ends that are ticks but for rounding.
  const slack = 1e-3 * Math.log(high / low);
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const inside = (steps: readonly number[]) =>
    powers
      .flatMap((power) => steps.map((step) => step * 10 ** power))
      .filter((tick) => Math.log(tick / low) >= -slack && Math.log(tick / high) <= slack);
  const fine = inside([1, 2, 5]);
  return Object.assign((value: number) => inner(Math.log(Math.max(value, 1e-12))), {
    ticks: fine.length <= wanted ? fine : inside([1]),
  });
}

/**
 * Effects (fractions > −1) as log ratios, linear near zero and logarithmic beyond `linearTo`, so
 * that ±2 % and +400 % can both be read: asinh(log(1 + effect) / linearTo).
 */
export function effectScale(domain: Ends, range: Ends, linearTo = 0.02): Scale {
  const bend = (effect: number) => Math.asinh(Math.log1p(Math.max(effect, -0.99)) / linearTo);
  const [low, high] = domain;
  const inner = linearScale([bend(low), bend(high)], range);
  const marks = [-0.9, -0.5, -0.2, -0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 4, 9, 99];
  const place = (effect: number) => inner(bend(effect));
  return Object.assign(place, { ticks: marks.filter((mark) => mark >= low && mark <= high) });
}

/** Equal steps for values that are not numbers. */
export function listScale(count: number, range: Ends): Scale {
  const step = (range[1] - range[0]) / Math.max(1, count);
  return Object.assign((index: number) => range[0] + step * (index + 0.5), {
    ticks: Array.from({ length: count }, (_, i) => i),
  });
}

function niceTicks(low: number, high: number, wanted: number): number[] {
  const raw = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= raw) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, Math.min(count, 50)) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

function widened([low, high]: Ends): Ends {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (high > low) return [low, high];
  const by = Math.abs(low) * 0.5 || 1;
  return [low - by, high + by];
}

/** Ticks that stand at least `gap` pixels apart, the first kept. */
export function spread(scale: Scale, gap: number, keep: (tick: number) => boolean = () => false): number[] {
  const kept = scale.ticks.filter(keep);
  for (const tick of scale.ticks) {
    if (!kept.includes(tick) && kept.every((one) => Math.abs(scale(one) - scale(tick)) >= gap)) kept.push(tick);
  }
  return kept.sort((a, b) => a - b);
}
