/**
 * A closed loop: so many calls are in flight at any time, and each that settles is replaced at once.
 * Latency runs from the moment the loop offers a call, which is when it calls `run`; a closed loop
 * slows down with what it measures, so its latencies say nothing about arrivals that do not wait.
 *
 *   loop 1..N:  nextCall ──▶ run ──▶ count (and check one in `checkEvery`) ──▶ again, until stop()
 */

export interface LoadOptions<Call> {
  readonly run: (call: Call) => Promise<unknown>;
  readonly nextCall: () => Call;
  /** Calls in flight. @defaultValue 256 */
  readonly concurrency?: number;
  /** What is wrong with a result, or null. */
  readonly check?: (call: Call, result: unknown) => string | null;
  /** False for calls `check` can say nothing about. @defaultValue all can be checked */
  readonly checkable?: (call: Call) => boolean;
  /** One ok result in so many is checked: the next one that can be. @defaultValue 500 */
  readonly checkEvery?: number;
}

interface LoadTotals {
  readonly offered: number;
  readonly ok: number;
  /** By `error.outcome`; 'other' for errors that carry none. */
  readonly failed: Readonly<Record<string, number>>;
  readonly inFlight: number;
  readonly checked: number;
  /** What was wrong with the first 20 wrong results. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
}

export interface RunningLoad {
  /** So far. offered = ok + failed + inFlight */
  totals(): LoadTotals;
  /** Offers no more and resolves when all that was offered has settled. A second call returns the same promise. */
  stop(): Promise<LoadTotals>;
}

const keptWrong = 20;

/** Begins at once. A failed call is counted, and its loop lets the event loop turn before it goes on. */
export function startLoad<Call>(options: LoadOptions<Call>): RunningLoad {
  const { run, nextCall, check, checkable, concurrency = 256, checkEvery = 500 } = options;
  const failed: Record<string, number> = {};
  const wrong: string[] = [];
  let offered = 0;
  let ok = 0;
  let failedCount = 0;
  let checked = 0;
  /** Ok results since the last check. */
  let unchecked = 0;
  let wrongCount = 0;
  let stopping = false;

  async function loop(): Promise<void> {
    while (!stopping) {
      const call = nextCall();
      offered++;
      let result: unknown;
      try {
        result = await run(call);
      } catch (error) {
        failedCount++;
        const outcome = outcomeOf(error);
        failed[outcome] = (failed[outcome] ?? 0) + 1;
        // A refusal comes back within the same turn: without this, N loops would starve everything else.
        await new Promise(setImmediate);
        continue;
      }
      ok++;
      if (check && ++unchecked >= checkEvery && (!checkable || checkable(call))) {
        unchecked = 0;
        judge(check(call, result));
      }
    }
  }

  function judge(fault: string | null): void {
    checked++;
    if (fault === null) return;
    wrongCount++;
    if (wrong.length < keptWrong) wrong.push(fault);
  }

  const totals = (): LoadTotals => ({
    offered,
    ok,
    failed: { ...failed },
    inFlight: offered - ok - failedCount,
    checked,
    wrong: [...wrong],
    wrongCount,
  });

  const loops = Promise.all(Array.from({ length: concurrency }, loop));
  return {
    totals,
    stop() {
      stopping = true;
      return loops.then(totals);
    },
  };
}

function outcomeOf(error: unknown): string {
  const outcome = (error as { outcome?: unknown } | null | undefined)?.outcome;
  return typeof outcome === 'string' ? outcome : 'other';
}
