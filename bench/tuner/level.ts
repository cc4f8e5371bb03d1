/**
 * How often the tuner claims a gain that is none, and finds one that is: trials with the gates passed by over
 * every null and every noise; whole days of the tuner alone in the nulls of the catalogue; and proposals of
 * somebody that gain or lose a few per cent, decided with the defaults that are shipped.
 */
import { rateOf, shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { nulls } from '../worlds/catalogue/nulls.ts';
import { countedIn, type LevelJob, nullNames } from './level-jobs.ts';

export const level: Group = {
  about: 'false commits over every null, alone and by the day; gains and losses of a few per cent',
  run: async (options) => [
    await falseCommits(options),
    await falseCommitsPerDay(options),
    ...(await smallEffects(options)),
  ],
};

const trialsOf: Readonly<Record<SuiteLength, number>> = { quick: 8, full: 300, long: 4000 };
/** Runs in each null, each of them that many simulated days. */
const daysOf: Readonly<Record<SuiteLength, { readonly runs: number; readonly days: number }>> = {
  quick: { runs: 1, days: 0.005 },
  full: { runs: 1, days: 0.25 },
  long: { runs: 9, days: 1 },
};
const proposalsOf: Readonly<Record<SuiteLength, number>> = { quick: 6, full: 100, long: 1000 };
const dayMs = 86_400_000;
/** Trials of a job: so few that threads end nearly at once. */
const trialsAJob = 50;

/** Of the null in which it happened most often: a mean over nulls would hide one. */
async function falseCommits({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const trials = trialsOf[length];
  const jobs = nullNames.flatMap((name) =>
    Array.from({ length: Math.ceil(trials / trialsAJob) }, (_, part): Extract<LevelJob, { kind: 'trials' }> => {
      const count = Math.min(trialsAJob, trials - part * trialsAJob);
      return {
        kind: 'trials',
        null: name,
        seeds: Array.from({ length: count }, (_, i) => seed + part * trialsAJob + i),
      };
    }),
  );
  const told = await countedIn(jobs, { signal });
  const gains = nullNames.map((name) =>
    jobs.reduce((sum, job, i) => sum + (job.null === name ? (told[i]?.gains ?? 0) : 0), 0),
  );
  nullNames.forEach((name, i) => progress(`${name}: ${gains[i]} of ${trials} trials of nothing committed`));
  const most = Math.max(...gains);
  return {
    name: 'aa_false_commit_fraction',
    unit: 'of the trials in the worst null',
    better: 'lower',
    // Fewer trials than the target was reckoned for are judged on what they can exclude.
    targets: [{ op: '<=', value: 0.0125, ...(length === 'long' && { on: 'value' as const }) }],
    ...shareOf(Array.from({ length: trials }, (_, i) => i < most)),
  };
}

async function falseCommitsPerDay({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const { runs, days } = daysOf[length];
  const jobs = nulls.flatMap(({ name }) =>
    Array.from({ length: runs }, (_, i) => ({
      kind: 'alone' as const,
      null: name,
      seed: seed + i,
      forMs: days * dayMs,
    })),
  );
  const told = await countedIn(jobs, { signal });
  const sum = (of: 'gains' | 'trials', name?: string) =>
    told.reduce((all, one, i) => all + (name === undefined || jobs[i]?.null === name ? one[of] : 0), 0);
  for (const { name } of nulls)
    progress(`${name}: ${sum('trials', name)} trials in ${runs * days} days, ${sum('gains', name)} commits of a gain`);
  // Every run begins with the budget of a whole day, and may spend all of it within hours: it counts as that day.
  const budgetDays = runs * Math.ceil(days) * nulls.length;
  return {
    name: 'aa_false_commits_per_day',
    unit: 'a day, of which each run has the budget',
    better: 'lower',
    targets: [{ op: '<=', value: 0.1 }],
    ...rateOf(sum('gains'), budgetDays),
  };
}

const effects = [
  { name: 'minus5_committed_fraction', effect: -0.05, better: 'lower', op: '<=', value: 0.01 },
  { name: 'plus5_committed_fraction', effect: 0.05, better: 'higher', op: '>=', value: 0.9 },
  { name: 'plus2_committed_fraction', effect: 0.02, better: 'higher', op: '>=', value: 0.8 },
] as const;

async function smallEffects({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, effect, better, op, value } of effects) {
    const jobs = Array.from({ length: proposalsOf[length] }, (_, i) => ({
      kind: 'proposal' as const,
      effect,
      seed: seed + i,
    }));
    const committed = (await countedIn(jobs, { signal })).map(({ gains }) => gains > 0);
    progress(`${name}: ${committed.filter(Boolean).length} of ${committed.length}`);
    figures.push({
      name,
      unit: 'of the proposals',
      better,
      targets: [{ op, value, on: 'value' }],
      ...shareOf(committed),
    });
  }
  return figures;
}
