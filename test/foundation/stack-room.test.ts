import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { askForStack } from '../../src/foundation/stack-room.ts';
import { eachLevelUp } from './stack-end.ts';

/** Asks at each level on the way back from the end of the stack. @returns how many levels were refused */
function refusedLevels(): number {
  let refused = 0;
  eachLevelUp(() => {
    try {
      askForStack();
    } catch {
      refused++;
    }
  });
  return refused;
}

it('refuses where the stack is about to end, and nowhere else', () => {
  expect(() => askForStack()).not.toThrow();
  const refused = refusedLevels();
  expect(refused).toBeGreaterThan(200);
  expect(refused).toBeLessThan(5000);
});

it('refuses no less once V8 has compiled it', () => {
  for (let i = 0; i < 20_000; i++) askForStack();
  const refused = refusedLevels();
  expect(refused).toBeGreaterThan(200);
  expect(refused).toBeLessThan(5000);
});

it('refuses nothing in a thread that has hardly more stack than is asked for', async () => {
  const module = JSON.stringify(new URL('../../src/foundation/stack-room.ts', import.meta.url).href);
  const source = `import(${module}).then(({ askForStack }) => { for (let i = 0; i < 20_000; i++) askForStack(); });`;
  const worker = new Worker(source, { eval: true, resourceLimits: { stackSizeMb: 0.28 } });
  const code = await new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', resolve);
  });
  expect(code).toBe(0);
});
