/** Ledgers that live through several kills each, four of them at a time; each start is held against the kill before it. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Settings } from '../../../src/contracts.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { findingsIn, isOnDisk, type LeftWrong } from './after-kill.ts';
import type { Guard } from './guards.ts';
import type { Stage } from './hearing.ts';
import { type Life, type Load, live, watchedAt } from './life.ts';
import type { LoadSetup } from './load-worker.ts';
import { type Moment, momentIn } from './moments.ts';

/** start: it does not stand where it has to. mode: it may not tune. failed: it ended by itself. */
export type Wrong = LeftWrong | 'start' | 'mode' | 'failed';

/** One start of the service, or one kill, with what was wrong with it. */
export interface Seen {
  /** Where it was to be killed; null for the start that ends a ledger. */
  readonly stage: Stage | null;
  readonly fired: boolean;
  /** It came as far as a session, so that its start could be held against what was left to it. */
  readonly started: boolean;
  readonly wrong: Readonly<Partial<Record<Wrong, string>>>;
}

const executor = 'module-cost';
/**
 * A moment that was missed is tried again, within reason: once on its ledger, and then each time on one of
 * its own, because a setting that was kept and a probe that was made do not come again on the same. On a
 * busy machine one life in five sees cause for a probe.
 */
const attempts = 30;
/** Without a guard a kill is wanted for what it leaves, wherever it comes. */
const attemptsWithoutGuard = 6;
const attemptsOnLedger = 2;
const laneCount = 4;

/** Time the CDN takes, and callers of each service: more than its threads, so that more threads are better. */
const loadSetup: LoadSetup = { delayMs: 30, inFlight: 6 };

/** Runs every list of moments on a ledger of its own. */
export async function runLedgers(
  ledgers: readonly (readonly Moment[])[],
  seed: number,
  without: Guard | null,
  tell: (seen: readonly Seen[]) => void,
): Promise<readonly Seen[]> {
  await using load = await startLoad();
  const seen: Seen[] = [];
  const waiting = ledgers.map((moments, index) => ({ moments, seed: seed + 1000 * index }));
  const lanes = Array.from({ length: laneCount }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      for await (const one of runLedger(next.moments, next.seed, without, load)) {
        seen.push(one);
        tell(seen);
      }
  });
  await Promise.all(lanes);
  return seen;
}

async function* runLedger(
  moments: readonly Moment[],
  seed: number,
  without: Guard | null,
  load: Load,
  mostAttempts = without === null ? attempts : attemptsWithoutGuard,
): AsyncGenerator<Seen> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sandtune-kill-host-'));
  let anchor: Settings | null = null;
  let start = seed;
  let wasThere = false;
  try {
    for (const moment of moments) {
      let fired = false;
      for (let attempt = 0; attempt < Math.min(attemptsOnLedger, mostAttempts) && !fired; attempt++) {
        const life = await live(stateDir, load, watchedAt(moment, start++, without), moment);
        const wrong = startedWrong(life, anchor);
        const left = findingsIn(stateDir, executor, life.known, wasThere);
        wasThere ||= isOnDisk(life.known);
        ({ fired } = life);
        yield { stage: moment.stage, fired, started: life.known.mode !== null, wrong: { ...wrong, ...left.wrong } };
        anchor = left.anchor ?? anchor;
      }
      for (let attempt = attemptsOnLedger; attempt < mostAttempts && !fired; attempt++)
        for await (const one of runLedger([moment], start++, without, load, 1)) {
          fired ||= one.fired;
          yield one;
        }
    }
    const last = await live(stateDir, load, watchedAt(standing, start, without), null);
    const { wrong } = findingsIn(stateDir, executor, last.known, wasThere);
    const started = last.known.mode !== null;
    yield { stage: null, fired: false, started, wrong: { ...startedWrong(last, anchor), ...wrong, ...failed(last) } };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

const standing: Moment = momentIn('observing', () => 0);

/** The session begins on what was left to it, on a ledger that it may tune with, and is there to be killed. */
function startedWrong({ known, end }: Life, left: Settings | null): Seen['wrong'] {
  const { mode, anchor, standsOn, configured } = known;
  const expected = left ?? configured;
  const stands = [anchor, standsOn].filter((one) => one !== null);
  const off = stands.find((one) => expected === null || !sameSettings(one, expected));
  return {
    ...(off && { start: `expected to stand on ${JSON.stringify(expected)}, stands on ${JSON.stringify(off)}` }),
    ...(mode !== null && mode !== 'auto' && { mode: `expected to tune, is in mode ${mode}` }),
    ...(end.signal !== 'SIGKILL' && end.exitCode !== 0 && { failed: `exit ${end.exitCode}: ${end.complaint}` }),
  };
}

function failed({ end, known }: Life): Seen['wrong'] {
  return end.exitCode === 0 && known.standsOn !== null ? {} : { failed: `exit ${end.exitCode}: ${end.complaint}` };
}

async function startLoad(): Promise<Load & AsyncDisposable> {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: loadSetup });
  const [origin] = (await once(worker, 'message')) as [string];
  return {
    origin,
    begin: (service) => worker.postMessage(service),
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
