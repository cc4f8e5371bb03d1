/** `close()` of a sandbox in every state that it can be in: all that it took in settles, and no worker is left. */
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { killAt, places } from './places.ts';
import { storm } from './storms.ts';
import { Audit, neverMs, openSandbox, settled, type TransportName, type WatchedWorkers } from './watched.ts';

type Enter = (on: {
  readonly sandbox: Sandbox;
  readonly workers: WatchedWorkers;
  readonly audit: Audit;
  readonly random: RandomSource;
}) => Promise<readonly Promise<unknown>[]>;

const running: Enter = async ({ sandbox, audit }) => [
  audit.watch(sandbox.function('guest.pause')(5), (value) => typeof value === 'number'),
];

/** State → brings a sandbox into it, with the calls that are then in flight. `endless`: some never end by themselves. */
const states: Readonly<Record<string, { readonly enter: Enter; readonly endless?: true }>> = {
  unused: { enter: async () => [] },
  idle: {
    enter: async (on) => {
      await Promise.all(await running(on));
      return [];
    },
  },
  running: { enter: running },
  waiting: {
    enter: async ({ sandbox, audit }) =>
      Array.from({ length: 100 }, () =>
        audit.watch(sandbox.function('guest.pause')(0.2), (n) => typeof n === 'number'),
      ),
  },
  'with large arguments': {
    enter: async ({ sandbox, audit }) =>
      Array.from({ length: 50 }, () =>
        audit.watch(sandbox.function('guest.length')(new Uint8Array(60_000)), (n) => n === 60_000),
      ),
  },
  'with results leased': {
    enter: async ({ sandbox, audit }) =>
      Array.from({ length: 12 }, () =>
        audit.watchLease(sandbox.function('guest.filled').run([60_000, 7], { lease: true }), 7),
      ),
  },
  'in a storm of aborts': { enter: (on) => storm(on) },
  'while a knob moves': {
    enter: async (on) => {
      const threads = on.sandbox.knobs.find(({ id }) => id === 'threads');
      void threads?.apply(4).catch(() => undefined);
      return running(on);
    },
  },
  'as its calls are cleared': {
    enter: async ({ sandbox, audit }) => {
      const calls = Array.from({ length: 100 }, () => audit.watch(sandbox.function('guest.pause')(0.2), () => true));
      sandbox.clear('enough');
      return calls;
    },
  },
  'with an endless call': {
    endless: true,
    enter: async ({ sandbox, audit }) => {
      const begun = new Int32Array(new SharedArrayBuffer(4));
      return [audit.watch(sandbox.function('guest.hold')(begun), () => false)];
    },
  },
  ...Object.fromEntries(
    places.map((place) => [
      `as a worker was ended: ${place}`,
      { enter: async (on: Parameters<Enter>[0]) => (await killAt(place, on)).calls },
    ]),
  ),
};

const bounds = [undefined, 0, 3, 50] as const;

export interface ClosingResult {
  readonly states: number;
  readonly astray: number;
  readonly wrong: number;
  readonly workersLeft: number;
  readonly neverClosed: number;
  readonly failures: readonly string[];
}

/** @param share of all states and bounds, drawn */
export async function closeInEveryState(
  transport: TransportName,
  workers: WatchedWorkers,
  random: RandomSource,
  share = 1,
): Promise<ClosingResult> {
  const audit = new Audit();
  const failures: string[] = [];
  let count = 0;
  let workersLeft = 0;
  let neverClosed = 0;
  for (const [name, { enter, endless }] of Object.entries(states)) {
    for (const withinMs of bounds) {
      if ((endless && withinMs === undefined) || random() >= share) continue;
      count++;
      const sandbox = await openSandbox(transport, { maxThreads: 4 });
      const calls = await enter({ sandbox, workers, audit, random });
      if (random() < 0.5) await systemTimers.sleep(2 * random(), { keepAlive: true });
      let isLetGo = true;
      const closed = sandbox.close(withinMs === undefined ? undefined : { withinMs }).then(
        () => true,
        (error: unknown) => {
          failures.push(`${name}, within ${withinMs}: ${String(error)}`);
          isLetGo = false;
          return true;
        },
      );
      void sandbox.close();
      const over = new AbortController();
      const never = systemTimers.sleep(neverMs, { signal: over.signal, keepAlive: true }).catch(() => undefined);
      if ((await Promise.race([closed, never])) !== true) {
        neverClosed++;
        failures.push(`${name}, within ${withinMs}: never closed`);
      }
      over.abort();
      await settled(calls);
      await new Promise((resolve) => setImmediate(resolve));
      // Where it has said that they had not ended when its bound had passed, they have to end all the same.
      for (let waitMs = 0; !isLetGo && workers.alive.size > 0 && waitMs < neverMs; waitMs += 10)
        await systemTimers.sleep(10, { keepAlive: true });
      if (workers.alive.size > 0) failures.push(`${name}, within ${withinMs}: ${workers.alive.size} workers left`);
      workersLeft += workers.alive.size;
      for (const worker of workers.alive) await worker.terminate();
      // What was leased outlives its sandbox.
      audit.release(() => true);
    }
  }
  const wrong = audit.wrong + audit.misplaced;
  return { states: count, astray: audit.astray, wrong, workersLeft, neverClosed, failures };
}
