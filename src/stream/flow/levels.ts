/**
 * How long something stood at which level: what a controller did, as a distribution over time. LevelTimes above 128 are
 * told to within a hundredth, so that their number is bounded. Pure: times come in.
 */
export interface Spread {
  readonly min: number;
  /** Half of the time it stood at this or below; and 95 % of it. */
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

const exactUpTo = 128;

export class LevelTimes {
  readonly #msAt = new Map<number, number>();
  #sinceMs: number;
  #level: number;

  constructor(nowMs: number, level: number) {
    this.#sinceMs = nowMs;
    this.#level = level;
  }

  /** From now on it stands there. O(1); free where it does not change. */
  at(nowMs: number, level: number): void {
    if (level === this.#level) return;
    this.#enter(nowMs);
    this.#level = level;
  }

  /** Of the time since it began; where it stands, where none has passed. O(levels) */
  spread(nowMs: number): Spread {
    this.#enter(nowMs);
    const levels = [...this.#msAt].toSorted(([a], [b]) => a - b);
    const wholeMs = levels.reduce((sum, [, ms]) => sum + ms, 0);
    const at = (share: number) => {
      let ms = 0;
      for (const [level, own] of levels) {
        ms += own;
        if (ms >= share * wholeMs * (1 - 1e-12)) return level;
      }
      return this.#level;
    };
    if (wholeMs === 0) return { min: this.#level, median: this.#level, p95: this.#level, max: this.#level };
    return { min: at(0), median: at(0.5), p95: at(0.95), max: levels.at(-1)?.[0] as number };
  }

  #enter(nowMs: number): void {
    const ms = nowMs - this.#sinceMs;
    if (!(ms > 0)) return;
    const level = rounded(this.#level);
    this.#msAt.set(level, (this.#msAt.get(level) ?? 0) + ms);
    this.#sinceMs = nowMs;
  }
}

function rounded(level: number): number {
  if (level <= exactUpTo) return level;
  const step = 2 ** (Math.floor(Math.log2(level)) - 6);
  return Math.round(level / step) * step;
}
