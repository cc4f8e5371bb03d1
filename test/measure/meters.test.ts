import { describe, expect, it } from 'vitest';
import { systemMeters } from '../../src/measure/meters.ts';

describe('systemMeters', () => {
  it('CPU of this thread is part of the CPU of the process', () => {
    const threadBefore = systemMeters.threadCpuMs();
    const processBefore = systemMeters.processCpuMs();
    let x = 0;
    // At least 20 ms of CPU by the meter's own account, however slow the machine.
    while (systemMeters.threadCpuMs() - threadBefore < 20) x = Math.sqrt(x + 1);
    expect(systemMeters.processCpuMs() - processBefore).toBeGreaterThanOrEqual(19);
  });

  it('heap bytes include array buffers', () => {
    const before = systemMeters.heapBytes();
    const held = new ArrayBuffer(64 * 1024 * 1024);
    expect(systemMeters.heapBytes() - before).toBeGreaterThan(0.9 * held.byteLength);
  });
});
