/**
 * What would have been best in a world: at each moment, and of all settings that never change. Looking for the
 * best takes a while, so it is looked for once a *regime*, which is a stretch of time in which
 * a few settings drawn by lot are worth the same shares of each other: a load that grows for all alike makes no new one.
 */
import type { Settings } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import { highest } from './best-settings.ts';
import { ladderOf } from './ladder.ts';
import type { World } from './world.ts';
import { worthOf } from './worth.ts';

interface Regime {
  /** 0, 1, 2 … in the order in which they were met. */
  readonly number: number;
  readonly best: Settings;
}

export interface Oracle {
  /** @param world one of the same seed as all that are asked about */
  at(world: World, atMs: number): Regime;
  /** The best setting in hindsight of those that never change, by its mean share of the best at each moment. */
  bestStatic(world: World, forMs: number): Settings;
}

/** Settings that tell regimes apart, besides the default. */
const tellers = 5;
/** Shares that differ by less are alike. */
const likeness = 0.005;
/** A world that never stays what it is has no more: then the nearest will do. */
const mostRegimes = 400;
/** Moments that the best static setting is chosen by. */
const moments = 100;

interface Known extends Regime {
  /** Logs of the tellers' shares of the default. */
  readonly print: readonly number[];
}

export function oracleOf(goal: GoalWords, usual: Settings): Oracle {
  const worth = worthOf(goal);
  const known: Known[] = [];
  let tell: readonly Settings[] | null = null;
  let last: Known | null = null;

  const at = (world: World, atMs: number): Regime => {
    tell ??= tellersOf(world);
    const valueOf = (settings: Settings) => worth(world.truth(settings, atMs));
    const whole = valueOf(usual);
    const print = tell.map((settings) => Math.log((valueOf(settings) + 1e-12) / (whole + 1e-12)));
    if (last && differenceOf(last.print, print) < likeness) return last;
    const [nearest] = known.map((one) => ({ one, by: differenceOf(one.print, print) })).sort((a, b) => a.by - b.by);
    if (nearest && (nearest.by < likeness || known.length >= mostRegimes)) {
      last = nearest.one;
      return last;
    }
    last = { number: known.length, best: highest(world.executor.knobs, last?.best ?? usual, valueOf), print };
    known.push(last);
    return last;
  };

  return {
    at,
    bestStatic: (world, forMs) => {
      const times = Array.from({ length: moments }, (_, i) => ((i + 0.5) * forMs) / moments);
      // Moments of one regime are asked once, for shares of its best are the same in all of them.
      const weights = new Map<Regime, { readonly atMs: number; count: number }>();
      for (const atMs of times) {
        const regime = at(world, atMs);
        const weight = weights.get(regime) ?? { atMs, count: 0 };
        weights.set(regime, { atMs: weight.atMs, count: weight.count + 1 });
      }
      const parts = [...weights].map(([{ best }, { atMs, count }]) => ({
        atMs,
        count,
        most: worth(world.truth(best, atMs)),
      }));
      return highest(world.executor.knobs, usual, (settings) =>
        parts.reduce(
          (sum, { atMs, count, most }) => sum + (count * worth(world.truth(settings, atMs))) / Math.max(1e-12, most),
          0,
        ),
      );
    },
  };
}

function tellersOf({ executor }: World): readonly Settings[] {
  const random = randomStream(1, 'tellers');
  const ladders = executor.knobs.map((knob) => [knob.id, ladderOf(knob, 24)] as const);
  return Array.from({ length: tellers }, () =>
    Object.fromEntries(ladders.map(([id, values]) => [id, values[Math.floor(values.length * random())] ?? 0])),
  );
}

/** Largest of the differences. */
function differenceOf(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((one, i) => Math.abs(one - (b[i] ?? Number.NaN))));
}
