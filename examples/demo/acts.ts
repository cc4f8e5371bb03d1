/** The acts of the story, in order. Each is a few lines of what a user would do, and ends as soon as the signal is aborted. */
import type { Executor, Sandbox, Settings } from 'sandtune';
import { type Decided, parseGoal, type Tuner, triggers } from 'sandtune/tuner';
import type { Audience } from './audience.ts';
import { betweenTrials, headingInTurn, until } from './between-trials.ts';
import { commitOnce } from './crash/committed-folder.ts';
import { type CrashResult, killInsideTrial } from './crash/kill-inside-trial.ts';
import type { DemoLoad } from './demo-load.ts';
import { type Grid, sweepGrid } from './grid.ts';
import { firstThatDiffers, type Harm } from './harms.ts';
import { changedText, knobList } from './knob-list.ts';
import type { DemoOptions } from './options.ts';
import type { DemoProfile } from './profile.ts';

export interface StoryOutcome {
  /** What became of a setting that should make no difference and costs less; null where one was kept before. */
  readonly cheaper: Decided | null;
  readonly harm: Decided | null;
  readonly crash: CrashResult;
  readonly grid: Grid;
}

/** Kills tried: one that came after the decision shows nothing about recovery. */
const killAttempts = 3;

export class Acts {
  readonly #sandbox: Sandbox;
  readonly #tuner: Tuner;
  readonly #load: DemoLoad;
  readonly #options: DemoOptions;
  readonly #profile: DemoProfile;
  readonly #audience: Audience;
  readonly #signal: AbortSignal;
  readonly #start: Settings;

  constructor(
    sandbox: Sandbox,
    tuner: Tuner,
    load: DemoLoad,
    options: DemoOptions,
    profile: DemoProfile,
    audience: Audience,
    signal: AbortSignal,
  ) {
    this.#sandbox = sandbox;
    this.#tuner = tuner;
    this.#load = load;
    this.#options = options;
    this.#profile = profile;
    this.#audience = audience;
    this.#signal = signal;
    this.#start = standing(sandbox);
  }

  async play(): Promise<StoryOutcome> {
    this.#audience.heading('live: what it does now, and how large the noise is');
    await this.#search();
    const cheaper = await this.#keepCheaper();
    const harm = await this.#hurt();
    await this.#tuner.stop();
    const chosen = standing(this.#sandbox);
    const crash = await this.#crash();
    return { cheaper, harm, crash, grid: await this.#grid(chosen) };
  }

  /** The tuner by itself: noise, prediction, trial, commit, again, until nothing is worth trying. */
  async #search(): Promise<void> {
    await Promise.race([this.#tuner.settled(), until(this.#profile.searchMs, this.#signal)]);
    await Promise.race([betweenTrials(this.#tuner), until(this.#profile.searchMs, this.#signal)]);
  }

  /** A setting that should make no difference but costs less. */
  async #keepCheaper(): Promise<Decided | null> {
    const wasSeen = this.#tuner.history.trials.some(
      ({ decision }) => decision !== null && triggers[decision.trigger].keeps === 'saving',
    );
    if (wasSeen) return null;
    await this.#heading('no difference: the cheaper is kept');
    const capacity = Number(standing(this.#sandbox)['moduleCacheCapacity']);
    return this.#propose({
      settings: { moduleCacheCapacity: Math.ceil(0.7 * capacity) },
      reason: 'fewer instances kept should make no difference: there are only 16 guests',
    });
  }

  async #hurt(): Promise<Decided | null> {
    await this.#heading('somebody tries to hurt it');
    const harm = firstThatDiffers(standing(this.#sandbox));
    return harm && this.#propose(harm);
  }

  async #crash(): Promise<CrashResult> {
    this.#audience.heading('kill -9 inside a trial');
    await this.#load.stop();
    const { seed } = this.#options;
    await using committed = await commitOnce(seed, this.#signal);
    const kill = (delayMs: number, attempt: number) =>
      killInsideTrial(committed, seed + attempt, { after: 'window', delayMs }, { signal: this.#signal });
    let crash = await kill(150, 0);
    for (let attempt = 1; !crash.killedInTrial && attempt < killAttempts; attempt++) crash = await kill(50, attempt);
    this.#audience.note(
      `another process, with a small sandbox of its own, configured with ${knobList(crash.configured)}, had committed ${changedText(crash.configured, crash.anchorBefore)}; ` +
        `it was killed ${crash.killedInTrial ? 'inside' : 'outside'} its trial of ${changedText(crash.anchorBefore, crash.candidate)}; ` +
        `started again it stands on ${knobList(crash.standsOn)}${crash.onAnchor ? ', the committed anchor' : ', which is NOT the anchor'}`,
    );
    return crash;
  }

  async #grid(chosen: Settings): Promise<Grid> {
    this.#audience.heading('what a sweep by hand would have found');
    this.#load.start();
    const { objective } = parseGoal(this.#profile.tune);
    const grid = await sweepGrid(this.#sandbox, {
      objective,
      start: this.#start,
      chosen,
      sigmaD: this.#tuner.history.baselines.at(-1)?.sigmaD ?? 0.05,
      seed: this.#options.seed,
      signal: this.#signal,
      ...this.#profile.grid,
    });
    for (const [transport, title] of [
      ['message', 'the grid in messages, one pass'],
      ['ring', 'the grid in shared memory, one pass'],
    ] as const) {
      const points = grid.onePass.filter(({ settings }) => settings['transport'] === transport);
      this.#tuner.remark({ kind: 'sweep', title, points });
    }
    this.#tuner.remark({
      kind: 'sweep',
      title: 'start, chosen and best of the grid, measured again, interleaved',
      points: grid.again,
    });
    this.#audience.note(
      `best of the grid: ${knobList(grid.best.settings)}; chosen reaches ${grid.fractionOfBest === null ? 'an unknown share' : `${(100 * grid.fractionOfBest).toFixed(1)} %`} of it`,
    );
    return grid;
  }

  #heading(title: string): Promise<void> {
    return headingInTurn(this.#tuner, this.#audience, title, this.#signal);
  }

  async #propose({ settings, reason }: Harm): Promise<Decided> {
    const proposal = this.#tuner.propose(settings, reason);
    const proposed = await Promise.race([proposal, until(2 ** 31 - 1, this.#signal)]);
    if (!proposed) throw new Error('the demo has run for a month');
    if (proposed.decision === 'not-decided')
      throw new Error(`${knobList(settings)} was not decided: ${proposed.reason}`);
    return proposed;
  }
}

function standing(executor: Executor): Settings {
  return Object.fromEntries(executor.knobs.map((knob) => [knob.id, knob.read().effective]));
}
