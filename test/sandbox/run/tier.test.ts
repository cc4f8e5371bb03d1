import { expect, it } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { DispatchQueue } from '../../../src/executor/dispatch-queue.ts';
import type { GuestCall } from '../../../src/sandbox/run/call.ts';
import { Recovery } from '../../../src/sandbox/run/recovery.ts';
import type { Tier, TierFailures, TierQueue } from '../../../src/sandbox/run/tier.ts';
import { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { recorderFor } from '../recorder.ts';

interface Unit {
  readonly name: string;
  readonly calls: GuestCall[];
}

/** Units that hold several dispatches at once and answer single calls, in any order: what a ring in shared memory does. */
class DeepTier implements Tier<Unit> {
  units: Unit[];
  readonly #depth: number;
  #queue!: TierQueue;
  #failures!: TierFailures;

  constructor(names: readonly string[], depth: number) {
    this.units = names.map((name) => ({ name, calls: [] }));
    this.#depth = depth;
  }

  serve(queue: TierQueue, failures: TierFailures): void {
    this.#queue = queue;
    this.#failures = failures;
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
    this.#queue.returned();
    call?.ok(value);
  }

  end(unit: Unit): void {
    this.units = this.units.filter((one) => one !== unit);
    unit.calls.forEach((call, index) => {
      this.#failures.lost(call, index === 0 ? 'execute' : 'queue', 'ended');
      this.#queue.returned();
    });
  }

  async resize(): Promise<void> {}

  async close(): Promise<void> {}
}

function sandboxOver(tier: DeepTier) {
  const time = manualTime();
  const recorder = recorderFor(time);
  const queue = new DispatchQueue<GuestCall, Unit>({ carrier: tier, maxWaiting: Infinity, ...time });
  tier.serve(queue, new Recovery(queue, Infinity));
  const series = recorder.series('g.f');
  const plans = new Map([['g.f', { id: 0, name: 'g.f', series, signature: undefined, contained: true }]]);
  const parts = { name: 'deep', load: undefined, recorder, queue, tier, maxQueue: Infinity, plans, onlyGuest: 'g' };
  return { sandbox: new Sandbox({ ...parts, knobs: () => [] }), queue };
}

it('gives a unit more calls while it works, and settles each by itself, in any order', async () => {
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

it('takes the calls that a unit had not begun to another unit when it ends, before those that wait', async () => {
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
