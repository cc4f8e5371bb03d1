/**
 * The main job, end to end, on live calls: one sandbox under one closed loop, one tuner that starts
 * at piscina's defaults. Then somebody tries to hurt it; then a child is killed inside a trial; then
 * the grid says how much there was to find.
 */
import { createSandbox, type Executor, type Sandbox, type Settings } from 'sandtune';
import { report, writeReport } from 'sandtune/exporters';
import { type Decided, type Entry, parseGoal, replay, type Tuner, tune } from 'sandtune/tuner';
import { type CrashResult, killInsideTrial } from './crash/kill-inside-trial.ts';
import { type Grid, sweepGrid } from './grid.ts';
import { Loads } from './loads.ts';
import type { DemoOptions } from './options.ts';
import { type DemoProfile, profileOf } from './profile.ts';
import { type DemoResult, demoSchemaVersion } from './result.ts';
import { factsOf } from './trial-lines.ts';
import { loadCorpus, loadGuests } from './workload.ts';

/** Who is told how it goes. */
export interface Audience {
  heading(text: string): void;
  note(text: string): void;
  entry(entry: Entry): void;
}

/** What the keys of a terminal can reach while the story runs. */
export type Harm = { readonly settings: Settings; readonly because: string };

export interface Running {
  readonly tuner: Tuner;
}

/** Settings a viewer may try to hurt the demo with: keys 1 to 4. */
export const harms: readonly Harm[] = [
  { settings: { batchSize: 1 }, because: 'one call a message: every call pays for a wake-up' },
  { settings: { threads: 1 }, because: 'one thread on a machine with more' },
  { settings: { batchLingerMs: 50, batchSize: 512 }, because: 'wait 50 ms for batches that never fill' },
  { settings: { moduleCacheCapacity: 1 }, because: 'keep one instance, start the others again and again' },
];

/**
 * Runs the whole demo. When `signal` is aborted the tuner is stopped on its anchor and the report of
 * what there is gets written.
 * @throws {Error} when a guest gave a wrong result
 */
export async function runStory(
  options: DemoOptions,
  audience: Audience,
  signal: AbortSignal,
  started: (running: Running) => void,
): Promise<DemoResult | null> {
  const corpus = await loadCorpus({ dir: options.dir });
  audience.note(
    `input: ${corpus.files.length} files, ${(corpus.totalBytes / 2 ** 20).toFixed(1)} MiB below ${corpus.dir}`,
  );
  const sandbox = await createSandbox({ name: 'demo', guests: loadGuests(), load: 'closed', ...options.startAt });
  const profile = profileOf(options);
  const loads = new Loads(sandbox, corpus, options.seed);
  const tuner = tune(sandbox, profile.tune);
  const unwatch = tuner.watch((entry) => audience.entry(entry));
  try {
    started({ tuner });
    loads.start();
    const acts = new Acts(sandbox, tuner, loads, options, profile, audience, signal);
    const told = await acts.play().catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    await tuner.stop();
    await loads.stop();
    await sandbox.close();
    const { offered, outcomes, inFlight } = sandbox.recorder.totals();
    tuner.remark({ kind: 'accounting', offered, outcomes, inFlight });
    audience.heading('the report');
    const played = replay(tuner.ledger);
    const paths = await writeReport(report(tuner.ledger, { title: 'sandtune demo', replay: played }), options.out);
    audience.note(paths.html);
    audience.note(
      played.identical
        ? `replay: ${played.events} events give the same ${played.records} records, to the byte`
        : 'replay: DIFFERS from the ledger',
    );
    audience.note(
      `offered ${offered} = settled ${offered - inFlight} + in flight ${inFlight}; ${loads.checked} results checked, ${loads.wrong.length} wrong`,
    );
    if (loads.wrong.length > 0) throw new Error(`wrong results: ${loads.wrong.slice(0, 3).join('; ')}`);
    if (told === null) return null;
    const facts = factsOf(tuner.ledger.read());
    const [start, chosen, best] = told.grid.again;
    const goodput = (point: typeof start) => ({
      settings: point?.settings ?? {},
      goodput: point?.metric.estimate ?? Number.NaN,
    });
    return {
      schemaVersion: demoSchemaVersion,
      seed: options.seed,
      profile: profile.name,
      start: goodput(start),
      chosen: goodput(chosen),
      bestOfGrid: goodput(best),
      fractionOfBest: told.grid.fractionOfBest,
      gain: told.grid.gain,
      noiseFloor: facts.noiseFloor,
      trials: facts.trials,
      reverts: facts.reverts,
      callsAffectedByReverts: facts.callsAffectedByReverts,
      measuringOverhead: facts.overhead,
      replayIdentical: played.identical,
      digests: { checked: loads.checked, wrong: loads.wrong.length },
      crash: { killedInTrial: told.crash.killedInTrial, onAnchor: told.crash.onAnchor },
      calls: { offered, ...outcomes, inFlight },
      report: paths,
    };
  } finally {
    unwatch();
    await loads.stop();
    await tuner[Symbol.asyncDispose]();
    await sandbox.close();
  }
}

interface Told {
  readonly crash: CrashResult;
  readonly grid: Grid;
}

/** The acts, in order. Each is a few lines of what a user would do. */
class Acts {
  readonly #sandbox: Sandbox;
  readonly #tuner: Tuner;
  readonly #loads: Loads;
  readonly #options: DemoOptions;
  readonly #profile: DemoProfile;
  readonly #audience: Audience;
  readonly #signal: AbortSignal;
  readonly #start: Settings;

  constructor(
    sandbox: Sandbox,
    tuner: Tuner,
    loads: Loads,
    options: DemoOptions,
    profile: DemoProfile,
    audience: Audience,
    signal: AbortSignal,
  ) {
    this.#sandbox = sandbox;
    this.#tuner = tuner;
    this.#loads = loads;
    this.#options = options;
    this.#profile = profile;
    this.#audience = audience;
    this.#signal = signal;
    this.#start = standing(sandbox);
  }

  async play(): Promise<Told> {
    this.#audience.heading('live: what it does now, and how large the noise is');
    await this.#search();
    await this.#keepCheaper();
    await this.#hurt();
    await this.#tuner.stop();
    const chosen = standing(this.#sandbox);
    const crash = await this.#crash();
    return { crash, grid: await this.#grid(chosen) };
  }

  /** The tuner by itself: noise, prediction, trial, commit, again, until nothing is worth trying. */
  async #search(): Promise<void> {
    await Promise.race([this.#tuner.settled(), until(this.#profile.searchMs, this.#signal)]);
    await Promise.race([this.#betweenTrials(), until(this.#profile.searchMs, this.#signal)]);
    this.#signal.throwIfAborted();
  }

  /** Resolves once what is on trial is decided and, if it was kept, confirmed. */
  async #betweenTrials(): Promise<void> {
    const free = Promise.withResolvers<void>();
    let open = false;
    let caughtUp = false;
    const stop = this.#tuner.watch((entry) => {
      if (entry.kind !== 'record') return;
      const { record } = entry;
      if (record.kind === 'trial') open = true;
      if (record.kind === 'noise' || record.kind === 'anchor') open = false;
      if (record.kind === 'decision' && record.decision !== 'commit') open = false;
      if (caughtUp && !open) free.resolve();
    });
    // Until here the listener was told what was written before.
    caughtUp = true;
    if (!open) free.resolve();
    await free.promise;
    stop();
  }

  /** A setting that should make no difference but costs less. */
  async #keepCheaper(): Promise<void> {
    const shown = factsOf(this.#tuner.ledger.read()).trials.some((trial) => trial.trigger === 'equivalent-and-cheaper');
    if (shown) return;
    this.#audience.heading('no difference: the cheaper is kept');
    const capacity = Number(standing(this.#sandbox)['moduleCacheCapacity']);
    await this.#propose({
      settings: { moduleCacheCapacity: Math.ceil(0.7 * capacity) },
      because: 'fewer instances kept should make no difference: there are only 16 guests',
    });
  }

  async #hurt(): Promise<void> {
    this.#audience.heading('somebody tries to hurt it');
    const [first] = harms;
    if (first) await this.#propose(first);
  }

  async #crash(): Promise<CrashResult> {
    this.#audience.heading('kill -9 inside a trial');
    await this.#loads.stop();
    const crash = await killInsideTrial(this.#options.seed, { after: 'window', delayMs: 150 });
    this.#signal.throwIfAborted();
    this.#audience.note(
      `a child with a small sandbox of its own was killed ${crash.killedInTrial ? 'inside' : 'outside'} its trial of ${words(crash.candidate)}; ` +
        `started again it stands on ${words(crash.standsOn)}${crash.onAnchor ? ', the anchor' : ', which is NOT the anchor'}`,
    );
    return crash;
  }

  async #grid(chosen: Settings): Promise<Grid> {
    this.#audience.heading('what a sweep by hand would have found');
    this.#loads.start();
    const { sigmaD } = factsOf(this.#tuner.ledger.read());
    const { objective } = parseGoal(this.#profile.tune);
    const grid = await sweepGrid(this.#sandbox, {
      objective,
      start: this.#start,
      chosen,
      sigmaD: sigmaD ?? 0.05,
      seed: this.#options.seed,
      signal: this.#signal,
      ...this.#profile.grid,
    });
    this.#tuner.remark({ kind: 'sweep', title: 'the grid, one pass', points: grid.onePass });
    this.#tuner.remark({
      kind: 'sweep',
      title: 'start, chosen and best of the grid, measured again, interleaved',
      points: grid.again,
    });
    this.#audience.note(
      `best of the grid: ${words(grid.best)}; chosen reaches ${(100 * grid.fractionOfBest).toFixed(1)} % of it`,
    );
    return grid;
  }

  async #propose({ settings, because }: Harm): Promise<Decided> {
    const decided = this.#tuner.propose(settings, because);
    const aborted = until(2 ** 31 - 1, this.#signal).then(() => this.#signal.throwIfAborted());
    await Promise.race([decided, aborted]);
    return decided;
  }
}

function standing(executor: Executor): Settings {
  return Object.fromEntries(executor.knobs.map((knob) => [knob.id, knob.read().effective]));
}

function words(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([knob, value]) => `${knob} ${String(value)}`)
    .join(', ');
}

/** Resolves after `ms` or when the signal is aborted, whichever comes first. */
function until(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
