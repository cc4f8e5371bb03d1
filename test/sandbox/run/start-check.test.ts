import { expect, it } from 'vitest';
import { isOverdue } from '../../../src/sandbox/run/start-check.ts';

it('a guest that works or waits for as long as its deadline is overdue', () => {
  expect(isOverdue({ wallMs: 100, cpuMs: 100, idleMs: 0 }, 100)).toBe(true);
  expect(isOverdue({ wallMs: 100, cpuMs: 1, idleMs: 100 }, 100)).toBe(true);
  expect(isOverdue({ wallMs: 99, cpuMs: 400, idleMs: 99 }, 100)).toBe(false);
});

it('a guest that is not given a CPU is overdue only after a multiple of its deadline', () => {
  expect(isOverdue({ wallMs: 999, cpuMs: 20, idleMs: 0 }, 100)).toBe(false);
  expect(isOverdue({ wallMs: 1000, cpuMs: 20, idleMs: 0 }, 100)).toBe(true);
});
