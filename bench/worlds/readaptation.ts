/**
 * How long it took after each shift of the best setting until what was in force was nearly the best again:
 * for more than half of the following half minute, so that a trial's windows to and fro do not count as being there.
 */

/** A stretch of a run in which the settings stood still. */
export interface Stretch {
  readonly startMs: number;
  readonly ms: number;
  /** Another one after a shift. */
  readonly regime: number;
  /** Worth of what was in force over that of the best. */
  readonly ofBest: number;
}

const nearly = 0.95;
const stayMs = 30_000;
/** What lasts for less is no regime that anybody could adapt to. */
const leastMs = 120_000;

/**
 * Seconds, one a shift after which what was in force was no longer nearly the best. A regime that ended
 * before counts with its whole length.
 */
export function readaptations(stretches: readonly Stretch[]): readonly number[] {
  return regimesOf(stretches)
    .slice(1)
    .filter((regime) => lengthOf(regime) >= leastMs)
    .flatMap((regime) => {
      const startMs = regime[0]?.startMs ?? 0;
      const at = regime.findIndex((one, i) => one.ofBest >= nearly && isThere(regime, i));
      const seconds = (at < 0 ? lengthOf(regime) : (regime[at]?.startMs ?? 0) - startMs) / 1000;
      return seconds === 0 ? [] : [seconds];
    });
}

/** True where nearly the best was in force for more than half of the next `stayMs`, or of what is left. */
function isThere(regime: readonly Stretch[], from: number): boolean {
  const startMs = regime[from]?.startMs ?? 0;
  let [there, all] = [0, 0];
  for (let i = from; i < regime.length; i++) {
    const { startMs: atMs, ms, ofBest } = regime[i] as Stretch;
    if (atMs - startMs >= stayMs) break;
    all += ms;
    if (ofBest >= nearly) there += ms;
  }
  return 2 * there > all;
}

export function regimesOf(stretches: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const regimes: Stretch[][] = [];
  for (const one of stretches) {
    const last = regimes.at(-1);
    if (last && last[0]?.regime === one.regime) last.push(one);
    else regimes.push([one]);
  }
  return regimes;
}

function lengthOf(regime: readonly Stretch[]): number {
  const last = regime.at(-1);
  return last ? last.startMs + last.ms - (regime[0]?.startMs ?? 0) : 0;
}
