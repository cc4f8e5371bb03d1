/**
 * A host that looks how late its timer of one millisecond comes while calls run through it: alone, or
 * observed or tuned by sandtune. Prints the longest delay as JSON.
 *
 *   --mode none | observe | auto  --state-dir DIR  --ms N  [--waiting]
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Settings } from '../../../src/contracts.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import { wrap } from '../../../src/index.ts';
import { Store } from '../../../src/store/store.ts';
import { type Mode, type Tuner, tune } from '../../../tuner/index.ts';
import { replaceMethod } from '../replace-method.ts';

export interface HostResult {
  /** Longest time that the timer came late, ms. */
  readonly longestMs: number;
  readonly calls: number;
  readonly entries: number;
  readonly trials: number;
  readonly raw: readonly string[];
}

const { values } = parseArgs({
  options: {
    mode: { type: 'string' },
    'state-dir': { type: 'string' },
    ms: { type: 'string' },
    waiting: { type: 'boolean' },
  },
});
const stateDir = values['state-dir'] ?? '';
const forMs = Number(values.ms ?? 5000);
const mode = values.mode as Mode | 'none';

const raw: string[] = [];
process.on('unhandledRejection', (error) => raw.push(messageOf(error)));
// A writer that the host waits for, as one on its own thread would be.
if (values.waiting)
  replaceMethod(Store.prototype, 'append', (append) => {
    return function (this: Store, ...args) {
      const refused = append.apply(this, args);
      this.flush();
      return refused;
    };
  });

const callers = 8;
const callMs = 5;
const candidates: readonly Settings[] = [{ concurrency: 2 }, { concurrency: 6 }, { concurrency: 16 }];
const expert = {
  windowMs: 50,
  minCompletions: 4,
  baselineWindows: 6,
  noisePairs: 0,
  overheadPairs: 0,
  maxPairs: 12,
  falseCommitsPerDay: 1000,
};

let over = false;
let calls = 0;
const executorNamed = (name: string) =>
  wrap(async (ms: number) => systemTimers.sleep(ms, { keepAlive: true }), { name, concurrency: { value: 4, max: 16 } });

// The code of a tuner is compiled before anything is measured: that is no work of the disk's.
const other = executorNamed('warm-up');
for (let caller = 0; caller < callers; caller++) void keepCalling(other);
await runTuner(tune(other, { mode: 'auto', stateDir: ':memory:', subjectTo: ['errors < 10%'], expert }), 2000);
over = true;
await other.close();
over = false;
calls = 0;

goAheadOfOthers();
const host = executorNamed('host');
const running = Array.from({ length: callers }, () => keepCalling(host));
const late = lateness();
let [entries, trials] = [0, 0];
if (mode === 'none') await systemTimers.sleep(forMs, { keepAlive: true });
else {
  const tuner = tune(host, { mode, stateDir, subjectTo: ['errors < 10%'], expert });
  tuner.watch((entry) => {
    entries++;
    if (entry.kind === 'record' && entry.record.kind === 'trial') trials++;
  });
  await runTuner(tuner, forMs);
}
const longestMs = late();
over = true;
await Promise.all(running);
await host.close();
const result: HostResult = { longestMs, calls, entries, trials, raw };
process.stdout.write(`${JSON.stringify(result)}\n`);

/**
 * Where the system allows it, the host's own thread, and no other, gets a CPU before all else on the machine:
 * when it stands still then, it does so by what itself does.
 */
function goAheadOfOthers(): void {
  spawnSync('chrt', ['--all-tasks', '--fifo', '--pid', '10', `${process.pid}`], { stdio: 'ignore' });
}

/** Proposes one candidate after the other, where the tuner may try them, and ends in order. */
async function runTuner(tuner: Tuner, ms: number): Promise<void> {
  const end = systemTimers.sleep(ms, { keepAlive: true });
  if (tuner.mode === 'auto') void proposeAll(tuner);
  await end;
  try {
    await tuner[Symbol.asyncDispose]();
  } catch (error) {
    raw.push(messageOf(error));
  }
}

async function proposeAll(tuner: Tuner): Promise<void> {
  try {
    for (let next = 0; ; next++) await tuner.propose(candidates[next % candidates.length] as Settings);
  } catch {
    // It has ended, or cannot try anything now.
  }
}

async function keepCalling(executor: ReturnType<typeof executorNamed>): Promise<void> {
  for (; !over; calls++) await executor.run(callMs);
}

/** Begins to look; the function it returns says how late the timer came at the most. */
function lateness(): () => number {
  let lastMs = performance.now();
  let longestMs = 0;
  const look = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - 1);
    lastMs = nowMs;
  };
  const timer = setInterval(look, 1);
  return () => {
    look();
    clearInterval(timer);
    return longestMs;
  };
}
