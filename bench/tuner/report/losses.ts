/** The worlds in which a peer did better than ours, with what the runs say of the reason: Markdown for bench/README.md. */
import type { SuiteResult } from '../../suite.ts';
import { type Lap, ours } from '../lap.ts';
import { isNull, type Laps, peersAhead, worthIn } from '../reading.ts';

/** Shares that differ by less come to the same. */
const alike = 0.01;

/** @param commit that the runs were made at */
export function lossesMarkdown(
  { date, node, machine, seed, suite, length }: SuiteResult,
  laps: Laps,
  commit: string,
): string {
  const seeds = Math.max(0, ...[...laps.values()].map((one) => one.length));
  const lost = [...laps].filter(([, one]) => !isNull(one) && peersAhead(one).length > 0);
  const won = [...laps].filter(([, one]) => !isNull(one) && peersAhead(one).length === 0);
  const nulls = [...laps].filter(([, one]) => isNull(one));
  return [
    `\`npm run bench -- ${suite}${length === 'full' ? '' : ` --${length}`} --seed ${seed} --seeds ${seeds}\`, commit ${commit}, ${date.slice(0, 10)}, Node ${node}, ${machine}: share of the best setting at each moment, over the whole run and over its final third.`,
    '',
    '| world | ours, whole run | final third | peers that did better (whole run, final third) | why |',
    '|---|---|---|---|---|',
    ...lost.map(([world, one]) => row(world, one)),
    '',
    `Won: ${namesOf(won)}. Nothing to win, as the default is the best: ${namesOf(nulls)}.`,
    '',
  ].join('\n');
}

function row(world: string, laps: readonly Lap[]): string {
  const both = (rule: string) => [worthIn(laps, rule, 'ofBest'), worthIn(laps, rule, 'ofBest', 'finalThird')] as const;
  const [whole, final] = both(ours);
  const ahead = peersAhead(laps).toSorted((a, b) => both(b)[0] - both(a)[0]);
  const told = ahead.map((peer) => `${peer} ${both(peer).map(short).join(', ')}`);
  const theirs = Math.max(...ahead.map((peer) => both(peer)[1]));
  return `| ${world} | ${short(whole)} | ${short(final)} | ${told.join('; ')} | ${reasonOf(final, theirs)} |`;
}

/** What ours had in force in the end says whether it was late or elsewhere. */
function reasonOf(final: number, theirs: number): string {
  if (final >= 1 - 2 * alike) return 'ends on the best as well: what was lost is the time until it was proven';
  if (final >= theirs - alike) return 'ends as near the best, later: what was lost is the time until it was proven';
  return `a better setting was never proven: it stays ${short(1 - final)} below the best`;
}

function namesOf(worlds: readonly (readonly [string, unknown])[]): string {
  return worlds.length === 0 ? 'none' : worlds.map(([world]) => world).join(', ');
}

function short(value: number): string {
  return value.toFixed(3);
}
