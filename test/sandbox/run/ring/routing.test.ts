import { expect, it } from 'vitest';
import type { RingLink } from '../../../../src/sandbox/run/ring/ring-link.ts';
import { chooseUnit, nextStickyMs, type Routing, stickyMs } from '../../../../src/sandbox/run/ring/routing.ts';
import type { WorkerUnit } from '../../../../src/sandbox/run/worker-unit.ts';

const rules: Routing = { limit: 9, mayHold: true, holds: 'usual', depth: 512 };

function units(...backlogs: readonly (readonly [held: number, workMs: number, stickyMs?: number])[]): WorkerUnit[] {
  return backlogs.map(([usedCount, workMs, ownStickyMs = stickyMs]) => {
    const slots = { usedCount };
    const link = {
      slots,
      backlogMs: workMs,
      stickyMs: ownStickyMs,
      heldBytes: 0,
      isForOne: false,
      isStuck: false,
    };
    return { doomed: false, link: link as RingLink } as WorkerUnit;
  });
}

it('a worker that is awake is filled before another is woken, and then the one with the least work is', () => {
  const [awake, asleep] = units([3, 0.05], [0, 0]);
  expect(chooseUnit([awake, asleep] as WorkerUnit[], rules)).toBe(awake);
  const [full, other] = units([3, 0.07], [0, 0]);
  expect(chooseUnit([full, other] as WorkerUnit[], rules)).toBe(other);
  const [more, less] = units([3, 0.9], [3, 0.4]);
  expect(chooseUnit([more, less] as WorkerUnit[], rules)).toBe(less);
  expect(chooseUnit(units([3, 2.6], [3, 2.7]), rules)).toBe(undefined);
});

it('a worker that was done each time its host looked is given more before another is woken, up to a limit', () => {
  let ms = stickyMs;
  for (let look = 0; look < 20; look++) ms = nextStickyMs(ms, true);
  expect(ms).toBe(0.5);
  const [awake, asleep] = units([300, 0.4, ms], [0, 0]);
  expect(chooseUnit([awake, asleep] as WorkerUnit[], rules)).toBe(awake);
  expect(nextStickyMs(ms, false)).toBe(stickyMs);
});
