/**
 * How long an arm that runs calls on workers is warmed up, of each start. V8 compiles the call path as it learns it, on
 * threads that take the CPUs of host and workers: calls of 10 µs on two workers took 39 µs of CPU in the first 0.1 s of a
 * process, 21 in the second, 16 after half a second and 14 after one (2 CPUs, Node 26.10, 2026-11-27).
 */
import type { SuiteLength } from '../suite.ts';

export const warmUpMs: Readonly<Record<SuiteLength, number>> = { quick: 200, full: 1000, long: 3000 };
