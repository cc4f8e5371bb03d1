/** The knob that says where calls run: told, never moved. */
import { describe, expect, it } from 'vitest';
import { createKnobs } from '../../src/executor/knob.ts';
import { resolveSandboxOptions, type SandboxOptions } from '../../src/sandbox/options.ts';
import { tierKnobs } from '../../src/sandbox/tier-knob.ts';

const module = new URL('file:///calc.wasm');
const resolved = (options: Omit<SandboxOptions, 'guests'> = {}, guest = {}) =>
  resolveSandboxOptions({ guests: { calc: { module, ...guest } }, ...options });
const knobOf = (options: Omit<SandboxOptions, 'guests'> = {}) => {
  const [knob] = createKnobs(tierKnobs(resolved(options)), { closed: () => false, changed: () => {} });
  if (!knob) throw new Error('no knob');
  return knob;
};

describe('a sandbox that could do without workers', () => {
  it('has the knob, which moves by a restart alone and says what to write', async () => {
    const knob = knobOf();
    expect(knob).toMatchObject({ id: 'tier', moves: { up: 'restart', down: 'restart' }, defaultValue: 'worker' });
    expect(knob.patch('thread')).toMatchObject({ after: "tier: 'thread',", options: [{ path: ['tier'] }] });
    await expect(knob.apply('thread')).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    await expect(knob.apply('worker')).resolves.toBeUndefined();
    expect(knob.read()).toEqual({ requested: 'worker', effective: 'worker' });
  });

  it('is told which options would have to go', () => {
    expect(knobOf({ threads: 2, maxQueue: 8 }).patch('thread').after).toBe(
      "tier: 'thread',   // in place of threads, maxQueue",
    );
  });
});

it.each<readonly [string, Omit<SandboxOptions, 'guests'>, object]>([
  ['calls with a deadline', { deadlineMs: 50 }, {}],
  ['a binding', {}, { binding: new URL('file:///b.mjs'), functions: ['f'] }],
  ['a state', {}, { state: 'memory' }],
])('a sandbox with %s has none, for it needs its workers', (_, options, guest) => {
  expect(tierKnobs(resolved(options, guest))).toEqual([]);
});
