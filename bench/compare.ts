/**
 * Arms measured side by side, and our figure over theirs with the interval of the trial's engine.
 *
 *   block: every arm opened anew ── warm-up ── rounds: each arm a window, in an order drawn anew ── closed
 *
 * Within a block windows alternate, so that a machine that slows down slows all arms alike. A block is
 * one pair of the comparison, not each round: what a compiler or a heap came to do in one start stays
 * for all of that arm's windows, and only fresh starts average it out. The first block of a run that is
 * to give intervals is spent on the noise: the bets need its size before the first pair.
 */
import { mean } from 'simple-statistics';
import { type RandomSource, randomStream } from '../src/foundation/random.ts';
import { logInterval } from '../tuner/trial/e-value.ts';
import { pairSigma } from '../tuner/trial/noise.ts';
import { meanOf } from './estimate.ts';
import type { Estimate, Figure } from './figure.ts';

/** What one window gave, by the name of what was measured. */
export type Numbers = Readonly<Record<string, number>>;

export interface OpenArm extends AsyncDisposable {
  /** @throws when a result is wrong */
  measure(forMs: number): Promise<Numbers>;
}

/** Arms by name. */
export type Arms = Readonly<Record<string, () => Promise<OpenArm>>>;

export interface ComparePlan {
  /** Of these one is spent on the noise, if there are more than `fewestPairs`. */
  readonly blocks: number;
  readonly rounds: number;
  readonly windowMs: number;
  readonly seed: number;
}

export interface Compared {
  /** Of one arm, one number a block: the geometric mean over its rounds. */
  readonly values: (arm: string, name: string) => readonly number[];
  /** One arm's number over another's. */
  readonly ratio: (arm: string, other: string, name: string) => Estimate;
}

/** Each end of the interval is excluded at this level: 95 % between them. */
const alpha = 0.025;
/** Fewer cannot exclude anything at `alpha`. */
const fewestPairs = 6;
/** Of a block's log ratio, where nothing is known of it; and what two starts differ by at the least. */
const usualSigma = 0.03;
const leastSigma = 0.01;
const warmUpWindows = 2;

export async function compare(arms: Arms, plan: ComparePlan): Promise<Compared> {
  const random = randomStream(plan.seed, 'order of arms');
  const blocks: Block[] = [];
  for (let index = 0; index < plan.blocks; index++) blocks.push(await measureBlock(arms, plan, random));
  const pilot = plan.blocks > fewestPairs ? blocks.shift() : undefined;
  const values = (arm: string, name: string) => blocks.map((block) => geometricMean(numbersOf(block, arm, name)));
  return {
    values,
    ratio: (arm, other, name) => {
      const theirs = values(other, name);
      const d = values(arm, name).map((ours, block) => Math.log(ours / (theirs[block] as number)));
      return ratioOf(d, pilot ? blockSigma(pilot, [arm, other], name) : usualSigma);
    },
  };
}

/** The fields of a figure of `arm`, all other arms being its peers. */
export function comparedFigure(
  { values, ratio }: Compared,
  arm: string,
  peers: readonly string[],
  name: string,
): Pick<Figure, 'value' | 'samples' | 'ci95' | 'peers' | 'ratios'> {
  return {
    ...meanOf(values(arm, name)),
    peers: Object.fromEntries(peers.map((peer) => [peer, mean([...values(peer, name)])])),
    ratios: Object.fromEntries(peers.map((peer) => [peer, ratio(arm, peer, name)])),
  };
}

/** @param d log ratios, one a pair */
export function ratioOf(d: readonly number[], sigmaD: number): Estimate {
  const { estimate, low, high } = logInterval(d, sigmaD, alpha);
  const bounded = Number.isFinite(low) && Number.isFinite(high);
  return {
    value: d.length === 0 ? Number.NaN : Math.exp(estimate),
    samples: d.length,
    ...(bounded && { ci95: [Math.exp(low), Math.exp(high)] }),
  };
}

/** Arm → its windows, in order. */
type Block = ReadonlyMap<string, readonly Numbers[]>;

async function measureBlock(arms: Arms, { rounds, windowMs }: ComparePlan, random: RandomSource): Promise<Block> {
  await using opened = new AsyncDisposableStack();
  const names = Object.keys(arms);
  const windows = new Map<string, Numbers[]>(names.map((name) => [name, []]));
  const running = new Map<string, OpenArm>();
  for (const [name, open] of Object.entries(arms)) running.set(name, opened.use(await open()));
  for (let round = -warmUpWindows; round < rounds; round++) {
    for (const name of shuffled(names, random)) {
      const numbers = await running.get(name)?.measure(windowMs);
      if (round >= 0 && numbers) windows.get(name)?.push(numbers);
    }
  }
  return windows;
}

/** σ of a block's log ratio, from how windows of one arm that follow each other differ. */
function blockSigma(pilot: Block, arms: readonly string[], name: string): number {
  const d = arms.flatMap((arm) => {
    const numbers = numbersOf(pilot, arm, name);
    return numbers.slice(1).map((one, index) => Math.log(one / (numbers[index] as number)));
  });
  const rounds = numbersOf(pilot, arms[0] ?? '', name).length;
  return Math.hypot(leastSigma, pairSigma(d) / Math.sqrt(Math.max(1, rounds)));
}

function numbersOf(block: Block, arm: string, name: string): readonly number[] {
  return (block.get(arm) ?? []).map((numbers) => numbers[name] ?? Number.NaN);
}

function geometricMean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.exp(mean(values.map(Math.log)));
}

function shuffled<T>(items: readonly T[], random: RandomSource): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
