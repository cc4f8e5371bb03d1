/**
 * A peer's run in a world: the same time, the same accounting as ours, whatever it does.
 *
 *   rule ── step ──▶ knobs ─▶ advance(ms), scored a second at a time ─▶ window ──▶ rule
 */
import { availableParallelism } from 'node:os';
import type { Knob, Settings, Window } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { type GoalWords, parseGoal } from '../../tuner/goal.ts';
import { objectiveOf } from '../../tuner/trial/metric.ts';
import type { Oracle } from '../worlds/regimes.ts';
import { type Score, Scorer } from '../worlds/score.ts';
import { usualOf } from '../worlds/whole-run.ts';
import type { World } from '../worlds/world.ts';
import { worthOf } from '../worlds/worth.ts';
import type { Peer, Service, Step } from './peer.ts';

export interface PeerRun extends Score {
  /** Settings that it had tried when the best it had found was nearly the best; null for a rule that does not search, or never found it. */
  readonly triedToNearly: number | null;
}

export interface PeerRunOptions {
  readonly goal: GoalWords;
  readonly seed: number;
  readonly forMs: number;
  readonly oracle: Oracle;
  readonly bestStatic: Settings;
}

const nearly = 0.95;
/** Nothing is scored for longer than this at a time, so that no shift is missed. */
const scoredMs = 1000;
const leastStepMs = 1;

/** @returns null for a rule that has nothing to steer here @throws what the world throws */
export async function peerRun(
  world: World,
  { name, rule: begin }: Peer,
  { goal, seed, forMs, oracle, bestStatic }: PeerRunOptions,
): Promise<PeerRun | null> {
  const { executor } = world;
  const usual = usualOf(world);
  const { objective } = parseGoal(goal);
  const service: Service = {
    knobs: executor.knobs,
    usual,
    valueOf: (window) => {
      const value = objectiveOf(objective, window) ?? 0;
      return objective.direction === 'maximize' ? value : value > 0 ? 1 / value : 0;
    },
    cpus: world.cpus?.() ?? availableParallelism(),
    random: randomStream(seed, name),
    seed,
  };
  const rule = begin(service);
  if (rule === null) return null;
  const scorer = new Scorer(world, { goal, forMs, usual, oracle, bestStatic });
  const worth = worthOf(goal);
  let nowMs = 0;
  let triedToNearly: number | null = null;
  const pass = (ms: number) => {
    for (let leftMs = Math.min(ms, forMs - nowMs); leftMs > 0; ) {
      const sliceMs = Math.min(scoredMs, leftMs);
      scorer.account(nowMs, sliceMs);
      world.advance(sliceMs);
      nowMs += sliceMs;
      leftMs -= sliceMs;
    }
  };
  const isNearly = (settings: Settings) =>
    worth(world.truth(settings, nowMs)) >= nearly * worth(world.truth(oracle.at(world, nowMs).best, nowMs));

  using open = executor.openWindow();
  const { value: first } = await rule.next(undefined as never);
  let step: Step = first;
  while (nowMs < forMs) {
    const { settings, forMs: stepMs, discardMs = 0, found } = step;
    if (found && triedToNearly === null && isNearly(found.settings)) triedToNearly = found.tried;
    await put(executor.knobs, settings);
    pass(Math.min(discardMs, stepMs - leastStepMs));
    open.cut();
    pass(Math.max(leastStepMs, stepMs - discardMs));
    const window: Window = open.cut();
    ({ value: step } = await rule.next(window));
  }
  await rule.return(undefined as never);
  return { ...scorer.score(), triedToNearly };
}

/** Turns of the event loop that a knob of a world may take: it settles without real time. */
const mostTurns = 10_000;

/** A knob that refuses stays where it was, and the rule sees what that gives. @throws for one that never answers */
async function put(knobs: readonly Knob[], settings: Settings): Promise<void> {
  for (const knob of knobs) {
    const value = valueIn(settings, knob.id);
    if (value === undefined || knob.read().requested === value) continue;
    let answered = false;
    const applied = knob.apply(value).then(
      () => (answered = true),
      () => (answered = true),
    );
    await Promise.race([applied, turn()]);
    for (let turns = 0; !answered && turns < mostTurns; turns++) await turn();
    if (!answered)
      throw new SandtuneError(
        'ERR_SANDTUNE_INPUT',
        `knob '${knob.id}': expected apply(${JSON.stringify(value)}) to settle without real time, got no answer`,
      );
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
