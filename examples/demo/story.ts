/**
 * The main job, end to end, on live calls: one sandbox under one closed loop, one tuner that starts
 * at piscina's defaults. Then somebody tries to hurt it; then a child is killed inside a trial; then
 * the grid says how much there was to find.
 */
import { createSandbox } from 'sandtune';
import { report, writeReport } from 'sandtune/exporters';
import { type Decided, type RecordOf, replay, type SweepPoint, type Tuner, tune } from 'sandtune/tuner';
import { Acts } from './acts.ts';
import type { Audience } from './audience.ts';
import { DemoLoad } from './demo-load.ts';
import type { DemoOptions } from './options.ts';
import { whole } from './page.ts';
import { profileOf } from './profile.ts';
import { type DemoResult, demoSchemaVersion, type Ending } from './result.ts';
import { trialLinesOf, whyNothingPredicted } from './trial-lines.ts';
import { waysSeenIn } from './ways.ts';
import { demoGuests, loadCorpus } from './workload.ts';

function endingOf({ trial, decision, trigger }: Decided): Ending {
  return { trial, decision, trigger };
}

function visitsIn({ ledger }: Tuner): readonly RecordOf<'visit'>[] {
  return [...ledger.history(['record:visit'], 1)].flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'visit' ? [one.record] : [],
  );
}

/** What the keys of a terminal can reach while the story runs. */
export interface Running {
  readonly tuner: Tuner;
}

/**
 * Runs the whole demo. When `signal` is aborted the tuner is stopped on its anchor and the report of
 * what there is gets written; before the tuner has begun there is none.
 */
export async function runStory(
  options: DemoOptions,
  audience: Audience,
  signal: AbortSignal,
  started: (running: Running) => void,
): Promise<DemoResult | null> {
  const corpus = await loadCorpus({ dir: options.dir });
  // Nothing has begun that would be worth a report.
  if (signal.aborted) return null;
  audience.note(
    `input: ${corpus.files.length} files, ${(corpus.totalBytes / 2 ** 20).toFixed(1)} MiB below ${corpus.dir}`,
  );
  const sandbox = await createSandbox({
    name: 'demo',
    guests: demoGuests(),
    load: 'closed',
    // It begins with piscina's own messages, and may leave them.
    transport: 'either',
    ...options.startAt,
  });
  if (signal.aborted) {
    await sandbox.close();
    return null;
  }
  const profile = profileOf(options);
  const load = new DemoLoad(sandbox, corpus, options.seed);
  const tuner = tune(sandbox, profile.tune);
  const unwatch = tuner.watch((entry) => audience.entry(entry));
  try {
    started({ tuner });
    load.start();
    const acts = new Acts(sandbox, tuner, load, options, profile, audience, signal);
    const results = await acts.play().catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    await tuner.stop(signal.aborted ? { interruptedBy: String(signal.reason) } : {});
    await load.stop();
    await sandbox.close();
    const { offered, outcomes, inFlight } = sandbox.totals();
    tuner.remark({ kind: 'accounting', offered, outcomes, inFlight });
    audience.heading('the report');
    const played = replay(tuner.ledger);
    const written = report(tuner.ledger, { title: 'sandtune demo', replay: played });
    const paths = await writeReport(written, options.out);
    audience.note(paths.html);
    audience.note(
      played.identical
        ? `replay: ${played.events} events give the same ${played.records} records, to the byte`
        : 'replay: DIFFERS from the ledger',
    );
    const { checked, wrongCount, wrong } = load.results();
    audience.note(
      `offered ${whole(offered)} = settled ${whole(offered - inFlight)} + in flight ${whole(inFlight)}; ${whole(checked)} results checked, ${whole(wrongCount)} wrong`,
    );
    if (results === null) return null;
    const { history } = tuner;
    const { start, chosen, best } = results.grid;
    const goodput = ({ settings, metric }: SweepPoint) => ({ settings, goodput: metric.estimate });
    return {
      schemaVersion: demoSchemaVersion,
      seed: options.seed,
      profile: profile.name,
      start: goodput(start),
      chosen: goodput(chosen),
      bestOfGrid: goodput(best),
      fractionOfBest: results.grid.fractionOfBest,
      gain: results.grid.gain,
      noiseFloor: history.noise?.fullTrial.floor ?? null,
      predictedNothing: whyNothingPredicted(history),
      ways: waysSeenIn({ points: written.data.points, start: start.settings, visits: visitsIn(tuner) }),
      trials: trialLinesOf(history),
      reverts: written.data.reverts.length,
      callsAffectedByReverts: written.data.callsAffectedByReverts,
      measuringOverhead: history.overhead?.fraction ?? null,
      replayIdentical: played.identical,
      digests: { checked, wrong: wrongCount, first: wrong.slice(0, 3) },
      harm: results.harm && endingOf(results.harm),
      cheaper: results.cheaper && endingOf(results.cheaper),
      figures: written.data.figures.filter(({ kind }) => kind === 'noise' || kind === 'reverted' || kind === 'cost'),
      crash: results.crash,
      calls: { offered, ...outcomes, inFlight },
      report: paths,
    };
  } finally {
    unwatch();
    await load.stop();
    try {
      await tuner[Symbol.asyncDispose]();
    } finally {
      // A tuner that could not return to the anchor throws; the sandbox closes all the same.
      await sandbox.close();
    }
  }
}
