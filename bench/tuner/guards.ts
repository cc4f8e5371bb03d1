/**
 * What the guards of a commit let pass, and what they cost: somebody proposes a setting that looks better,
 * and is worse in the sum of all calls, or only once it stays; or one that is as good as it looks. Asked of
 * those that were committed at all: is the setting still there ten minutes later?
 */
import type { Settings } from '../../src/contracts.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import { tune } from '../../tuner/tune.ts';
import { meanOf, shareOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { numberKnob, throughput, usualNoise } from '../worlds/catalogue/entry.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';
import type { World } from '../worlds/world.ts';

export const guards: Group = {
  about: 'commits that look better than they are, and harmless ones: which of them stay',
  run: async (options) => [
    ...(await keptFigure('rare_harm_kept_fraction', 0.15, ['harm-rare-8', 'harm-rare-10', 'harm-rare-20'], options)),
    ...(await keptFigure('slow_harm_kept_fraction', 0.1, ['harm-slow-5s', 'harm-slow-20s', 'harm-slow-120s'], options)),
    ...(await undoneFigures(options)),
  ],
};

const seedsOf: Readonly<Record<SuiteLength, number>> = { quick: 6, full: 60, long: 400 };
const candidate: Settings = { concurrency: 16 };
const laterMs = 600_000;
const secondMs = 1000;

export interface CommittedRun {
  readonly committed: boolean;
  /** It is the anchor, ten minutes after the commit. */
  readonly kept: boolean;
  /** Seconds from the proposal until the setting was the anchor; null where it never was. */
  readonly provenS: number | null;
}

/** `tune()` in a world in which somebody proposes a setting at once. @param forMs what is `kept` is asked so long after the commit */
export async function committedRun(
  world: World,
  proposal: Settings,
  seed: number,
  forMs = laterMs,
): Promise<CommittedRun> {
  let nowMs = 0;
  const time = manualTime({
    advance: (ms) => {
      world.advance(ms);
      nowMs += ms;
    },
  });
  const options = { mode: 'auto', stateDir: ':memory:', ...throughput, seed, surroundings: time.surroundings } as const;
  await using tuner = tune(world.executor, options);
  const { decision } = await tuner.propose(proposal);
  if (decision !== 'commit') return { committed: false, kept: false, provenS: null };
  const committedMs = nowMs;
  let provenS: number | null = null;
  while (nowMs < committedMs + forMs) {
    await time.surroundings.timers?.sleep(secondMs);
    if (provenS === null && sameSettings(tuner.anchor, proposal)) provenS = nowMs / 1000;
  }
  return { committed: true, kept: sameSettings(tuner.anchor, proposal), provenS };
}

async function keptFigure(
  name: string,
  target: number,
  worlds: readonly string[],
  { length, seed, progress, signal }: SuiteOptions,
): Promise<readonly Figure[]> {
  const kept: boolean[] = [];
  for (const one of worlds) {
    progress(one);
    const told: CommittedRun[] = [];
    for (let i = 0; i < seedsOf[length]; i++) {
      signal?.throwIfAborted();
      told.push(await committedRun(makeWorld(worldNamed(one), seed + i), candidate, seed + i));
    }
    const committed = told.filter((run) => run.committed);
    progress(`${one}: ${committed.filter((run) => run.kept).length} of ${committed.length} commits kept`);
    kept.push(...committed.map((run) => run.kept));
  }
  return [
    {
      name,
      unit: 'of the commits',
      better: 'lower',
      targets: [{ op: '<=', value: target, on: 'value' }],
      ...shareOf(kept),
    },
  ];
}

/** Gains that are as large as they look. */
const gains = [0.1, 0.05] as const;

async function undoneFigures({ length, seed, progress, signal }: SuiteOptions): Promise<readonly Figure[]> {
  const undone: boolean[] = [];
  const figures: Figure[] = [];
  for (const gain of gains) {
    const told: CommittedRun[] = [];
    for (let i = 0; i < seedsOf[length]; i++) {
      signal?.throwIfAborted();
      told.push(await committedRun(createWorld(harmless(gain), seed + i), candidate, seed + i));
    }
    const committed = told.filter((run) => run.committed);
    const proven = committed.flatMap(({ provenS }) => provenS ?? []);
    progress(`a gain of ${gain}: ${committed.length - proven.length} of ${committed.length} commits undone`);
    undone.push(...committed.map(({ provenS }) => provenS === null));
    figures.push({
      name: `harmless_seconds_to_proven.${Math.round(100 * gain)}`,
      unit: 's since the proposal',
      better: 'lower',
      ...meanOf(proven),
    });
  }
  return [
    {
      name: 'harmless_commit_undone_fraction',
      unit: 'of the commits',
      better: 'lower',
      targets: [{ op: '<=', value: 0.02, on: 'value' }],
      ...shareOf(undone),
    },
    ...figures,
  ];
}

const hourMs = 3_600_000;

/** A tenth up and down an hour, and one window in 20 in which either setting loses three tenths. */
function harmless(gain: number): WorldSpec {
  return {
    name: `harmless ${gain}`,
    knobs: [numberKnob('concurrency', 8, { unit: 'calls', cost: 'per-unit' })],
    load: { kind: 'closed', inFlight: 64 },
    law: ({ concurrency }, atMs) => ({
      perSecond:
        2000 * (Number(concurrency) >= 16 ? 1 + gain : 1) * (1 + 0.1 * Math.sin((2 * Math.PI * atMs) / hourMs)),
    }),
    noise: usualNoise,
    strikes: [
      {
        oneIn: 20,
        forMs: 550,
        from: 'flip',
        does: (service) => ({ ...service, perSecond: 0.7 * service.perSecond }),
      },
    ],
  };
}
