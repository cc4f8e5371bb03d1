import { expect, it, onTestFinished } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import { AnswerLoop } from '../../../../src/sandbox/run/ring/answer-loop.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function loopThatSpins(spinMs: number) {
  const { clock, advance } = manualTime();
  let looks = 0;
  const rings = {
    read: () => {
      looks++;
      return false;
    },
    isQuiet: () => true,
    isBusy: () => true,
    tick: () => {},
  };
  // The tick is no part of this: it never comes.
  const timers = { sleep: () => new Promise<void>(() => {}) };
  const loop = new AnswerLoop(rings, { clock, timers }, () => spinMs);
  onTestFinished(() => loop.close());
  const isAsleep = () => Atomics.load(new Int32Array(loop.bell), 0) === 1;
  return { loop, advance, isAsleep, looks: () => looks };
}

it('a host that waits for answers sleeps once it has looked in vain', async () => {
  const { loop, isAsleep, looks } = loopThatSpins(0);
  loop.sent();
  await turn();
  expect([isAsleep(), looks()]).toEqual([true, 1]);
});

it('a host that is told to spin looks in each turn of the event loop until its time is over', async () => {
  const { loop, advance, isAsleep, looks } = loopThatSpins(0.1);
  loop.sent();
  for (let i = 0; i < 20; i++) await turn();
  expect(isAsleep()).toBe(false);
  expect(looks()).toBeGreaterThan(10);
  advance(0.1);
  await turn();
  await turn();
  expect(isAsleep()).toBe(true);
});
