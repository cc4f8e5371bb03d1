import { describe, expect, it } from 'vitest';
import { idleMsOf } from '../../src/measure/idle-cpu.ts';

describe('idle CPU', () => {
  it('idle CPU is idle time and waiting for disks, in ticks of 10 ms, summed over CPUs', () => {
    expect(idleMsOf('cpu  1092052 15564 106896 1583077 6506 0 5130 16024 0 0\ncpu0 1 2 3 4')).toBe(15_895_830);
  });

  it('idle CPU is not a number where the system does not tell it', () => {
    expect(idleMsOf('')).toBeNaN();
    expect(idleMsOf('cpu  0 0 0 0 0 0 0 0 0 0\n')).toBeNaN();
    expect(idleMsOf('intr 5 6 7')).toBeNaN();
  });
});
