/**
 * Workers killed at random moments under load: every call must still settle exactly once, and the
 * books must balance.
 *
 *   closed loop of calls ─▶ sandbox ◀── worker.terminate() on any worker, starting ones included,
 *                                       a random time after a random number of calls has settled
 *
 * The Worker objects are caught as Node announces them, so nothing in the sandbox knows of the kills.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import wabtInit from 'wabt';
import { systemTimers } from '../../src/foundation/clock.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { PartOptions } from './results.ts';
import { exactly, type Row } from './rows.ts';

export const kill = {
  fullCount: 10_000,
  async run({ count, seed, progress }: PartOptions) {
    const rows: Row[] = [];
    for (const transport of ['message', 'ring'] as const) {
      progress(`${count} calls, transport: '${transport}'`);
      const seen = await acceptKill({ calls: count, seed, transport });
      rows.push(...seen.rows.map((row) => ({ ...row, name: `${transport}: ${row.name}` })));
    }
    return { rows, runs: [] };
  },
};

export interface KillOptions {
  readonly calls: number;
  readonly seed: number;
  readonly transport: 'message' | 'ring';
  /** Mean number of calls settled between two kills. @defaultValue 40 */
  readonly callsPerKill?: number;
}

export interface KillResult {
  readonly rows: readonly Row[];
  readonly kills: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const threads = 3;
const inFlight = 64;
/** Rounds of the loop in the guest: about a millisecond, so that most kills hit a running call. */
const longestRounds = 1_000_000;
/** After this time a call that has not settled is taken never to settle. */
const deadlineMs = 300_000;
const longestDelayMs = 20;

const guest = `(module
  (func (export "mix") (param $value i32) (param $rounds i32) (result i32)
    (loop $again
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    local.get $value))`;

export async function acceptKill({ calls, seed, transport, callsPerKill = 40 }: KillOptions): Promise<KillResult> {
  const random = randomStream(seed, 'kill');
  const workers = new Set<Worker>();
  const noteWorker = (message: unknown) => {
    const { worker } = message as { worker: Worker };
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  };
  subscribe('worker_threads', noteWorker);
  try {
    const wabt = await wabtInit();
    const module = wabt.parseWat('kill.wat', guest).toBinary({}).buffer;
    const sandbox = await createSandbox({
      guests: { mixer: { module } },
      threads,
      ...(transport === 'message' && { batchSize: 8 }),
      transport,
      deadlineMs: 30_000,
    });
    using books = sandbox.openWindow();
    const done = new AbortController();
    const killer = new Killer(workers, random, callsPerKill);
    const seen = await Promise.race([
      offerAll(sandbox, calls, randomStream(seed, 'calls'), () => killer.settled()),
      systemTimers.sleep(deadlineMs, { signal: done.signal, keepAlive: true }).then(() => undefined),
    ]);
    done.abort();
    const { kills } = killer;
    const { offered, outcomes, inFlight: unsettled } = sandbox.totals();
    const counted = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    const { unfinished } = books.cut();
    const usable = seen !== undefined && (await isUsable(sandbox));
    if (seen !== undefined) await sandbox.close();
    const rows = [
      exactly('calls settled exactly once', seen?.settlements.filter((count) => count === 1).length ?? 0, calls),
      exactly('calls counted under an outcome', counted, calls),
      exactly('offered − settled − in flight', offered - counted - unsettled, 0),
      exactly('in flight at the end', unsettled, 0),
      exactly('calls that still grow older in the books', unfinished.count, 0),
      exactly('wrong values', seen?.wrong ?? calls, 0),
      exactly('outcomes other than ok and lost', counted - outcomes.ok - outcomes.lost, 0),
      // One call runs in a worker; one that was queued a second time travels alone.
      { name: 'calls lost', value: outcomes.lost, limit: `≤ ${kills} kills`, passed: outcomes.lost <= kills },
      {
        name: 'workers killed',
        value: kills,
        limit: `≥ ${Math.floor(calls / 200)}`,
        passed: kills >= Math.floor(calls / 200),
      },
      exactly('sandbox usable afterwards', usable ? 1 : 0, 1),
    ];
    return { rows, kills, outcomes };
  } finally {
    unsubscribe('worker_threads', noteWorker);
  }
}

function isUsable(sandbox: Sandbox): Promise<boolean> {
  return sandbox.run({ function: 'mix', args: [1, 1] }).then(
    (value) => value === mixed(1, 1),
    () => false,
  );
}

class Killer {
  readonly #workers: Set<Worker>;
  readonly #random: RandomSource;
  readonly #callsPerKill: number;
  #untilNext: number;
  kills = 0;

  constructor(workers: Set<Worker>, random: RandomSource, callsPerKill: number) {
    this.#workers = workers;
    this.#random = random;
    this.#callsPerKill = callsPerKill;
    this.#untilNext = this.#distance();
  }

  /**
   * Kills after a number of calls, not after a time: on a slow machine workers would be killed faster
   * than they can start.
   */
  settled(): void {
    if (--this.#untilNext > 0) return;
    this.#untilNext = this.#distance();
    void systemTimers.sleep(longestDelayMs * this.#random()).then(() => this.#kill());
  }

  #kill(): void {
    const victim = [...this.#workers][Math.floor(this.#random() * this.#workers.size)];
    if (!victim) return;
    this.kills++;
    this.#workers.delete(victim);
    void victim.terminate();
  }

  #distance(): number {
    return 1 + Math.floor(this.#random() * (2 * this.#callsPerKill - 1));
  }
}

interface Seen {
  /** By call: how often it settled. */
  readonly settlements: readonly number[];
  readonly wrong: number;
}

async function offerAll(sandbox: Sandbox, calls: number, random: RandomSource, settled: () => void): Promise<Seen> {
  const mix = sandbox.function('mix');
  const settlements = Array.from({ length: calls }, () => 0);
  let next = 0;
  let wrong = 0;
  const loop = async () => {
    for (let call = next++; call < calls; call = next++) {
      const rounds = 1 + Math.floor(random() * longestRounds);
      try {
        const value = await mix.run([call, rounds], { idempotent: call % 2 === 0 });
        if (value !== mixed(call, rounds)) wrong++;
      } catch (error) {
        if (!isSandtuneError(error)) wrong++;
      }
      settlements[call] = (settlements[call] ?? 0) + 1;
      settled();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return { settlements, wrong };
}

/** What the guest computes, by squaring the step: x → a·x + c, `rounds` times, modulo 2^32. */
function mixed(value: number, rounds: number): number {
  let [a, c, stepA, stepC] = [1, 0, 1_664_525, 1_013_904_223];
  for (let remaining = rounds; remaining > 0; remaining = Math.floor(remaining / 2)) {
    if (remaining % 2 === 1) [a, c] = [Math.imul(stepA, a), (Math.imul(stepA, c) + stepC) | 0];
    [stepA, stepC] = [Math.imul(stepA, stepA), (Math.imul(stepA, stepC) + stepC) | 0];
  }
  return (Math.imul(a, value) + c) | 0;
}
