import { expect, it } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { DispatchQueue } from '../../../src/executor/dispatch-queue.ts';
import { resolveSurroundings } from '../../../src/foundation/surroundings.ts';
import type { GuestCall } from '../../../src/sandbox/run/call.ts';
import type { Tier, TierHost } from '../../../src/sandbox/run/tier.ts';
import { Sandbox } from '../../../src/sandbox/sandbox.ts';

interface Unit {
  readonly name: string;
  readonly calls: GuestCall[];
}

/** Units that hold several dispatches at once and answer single calls, in any order: what a ring in shared memory does. */
class DeepTier implements Tier<Unit> {
  readonly firstUnits = [];
  units: Unit[];
  readonly #depth: number;
  #host!: TierHost;

  constructor(names: readonly string[], depth: number) {
    this.units = names.map((name) => ({ name, calls: [] }));
    this.#depth = depth;
  }

  serve(host: TierHost): void {
    this.#host = host;
  }

  free(): Unit | undefined {
    return this.units.find(({ calls }) => calls.length < this.#depth);
  }

  freeCount(): number {
    return this.units.reduce((sum, { calls }) => sum + this.#depth - calls.length, 0);
  }

  send(unit: Unit, calls: readonly GuestCall[]): void {
    unit.calls.push(...calls);
  }

  answer(unit: Unit, index: number, value: unknown): void {
    const [call] = unit.calls.splice(index, 1);
    this.#host.queue.returned(call ?? null);
    call?.ok(value);
  }

  end(unit: Unit): void {
    this.units = this.units.filter((one) => one !== unit);
    unit.calls.forEach((call, index) => {
      this.#host.failures.lost(call, index === 0 ? 'execute' : 'queue', 'ended');
      this.#host.queue.returned(null);
    });
  }

  alone<T>(work: (units: readonly Unit[]) => Promise<T>): Promise<T> {
    return work(this.units);
  }

  resize(): void {}

  async ready(): Promise<void> {}

  async close(): Promise<void> {}
}

function sandboxOver(tier: DeepTier) {
  const surroundings = resolveSurroundings(manualTime().surroundings);
  const queue = new DispatchQueue<GuestCall, Unit>({
    name: 'deep',
    carrier: tier,
    maxWaiting: Infinity,
    ...surroundings,
  });
  const sandbox = new Sandbox({
    name: 'deep',
    load: undefined,
    spans: {},
    surroundings,
    gauges: { workers: () => tier.units.length, guestBytes: () => 0 },
    knobs: [],
    queue,
    tier,
    deadlineMs: Infinity,
    measure: true,
    plans: (recorder) => new Map([['g.f', { ...plan, series: recorder.series('g.f') }]]),
    states: () => [],
    onlyGuest: 'g',
    uncallable: new Set(),
  });
  return { sandbox, queue };
}

const plan = { id: 0, name: 'g.f', signature: undefined, codec: null, contained: true };

it('a tier gives a unit more calls while it works, and each settles by itself, in any order', async () => {
  const tier = new DeepTier(['only'], 3);
  const { sandbox, queue } = sandboxOver(tier);
  const call = sandbox.function('f');
  const settled: string[] = [];
  const calls = ['a', 'b', 'c', 'd'].map((name) =>
    call(name).then((value) => settled.push(`${name}=${String(value)}`)),
  );
  const [unit] = tier.units as [Unit];
  expect([unit.calls.length, queue.waiting]).toEqual([3, 1]);
  tier.answer(unit, 2, 3);
  expect(unit.calls.map(({ args }) => args[0])).toEqual(['a', 'b', 'd']);
  for (const value of [4, 2, 1]) tier.answer(unit, unit.calls.length - 1, value);
  await Promise.all(calls);
  expect(settled).toEqual(['c=3', 'd=4', 'b=2', 'a=1']);
  expect(sandbox.totals()).toMatchObject({ offered: 4, outcomes: { ok: 4 }, inFlight: 0 });
});

it('the calls that an ended unit had not begun go to another unit before those that wait', async () => {
  const tier = new DeepTier(['one', 'other'], 2);
  const { sandbox } = sandboxOver(tier);
  const calls = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    sandbox
      .function('f')(name)
      .catch(() => 'lost'),
  );
  const [one, other] = tier.units as [Unit, Unit];
  tier.end(one);
  tier.answer(other, 0, 'C');
  expect(other.calls.map(({ args }) => args[0])).toEqual(['d', 'b']);
  tier.answer(other, 0, 'D');
  tier.answer(other, 0, 'B');
  tier.answer(other, 0, 'E');
  expect(await Promise.all(calls)).toEqual(['lost', 'B', 'C', 'D', 'E']);
  await sandbox.close();
});
