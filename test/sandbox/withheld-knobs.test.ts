import { expect, it } from 'vitest';
import { sandboxKnobs } from '../../src/sandbox/knobs.ts';
import { resolveSandboxOptions, type SandboxOptions } from '../../src/sandbox/options.ts';
import type { WorkerTier } from '../../src/sandbox/run/worker-tier.ts';
import { withheldInThread, withheldKnobs } from '../../src/sandbox/withheld-knobs.ts';

const module = new Uint8Array(8);

function offeredAndWithheld(options: Partial<SandboxOptions>) {
  const resolved = resolveSandboxOptions({ guests: { g: { module } }, ...options });
  const parts = sandboxKnobs(resolved, { size: 1, lingerMs: 0 }, {} as WorkerTier, new Int32Array(2));
  return { offered: parts.map(({ spec }) => spec.id), withheld: withheldKnobs(resolved) };
}

const options: readonly Partial<SandboxOptions>[] = [
  {},
  { transport: 'message' },
  { transport: 'either' },
  { batchSize: 8 },
  { guests: { g: { module, state: 'memory' } } },
];

it.each(options)('every knob of a sandbox with %j but `tier` is offered or withheld, and none is both', (given) => {
  const { offered, withheld } = offeredAndWithheld(given);
  const every = [...offered, ...Object.keys(withheld)].filter((id) => id !== 'tier').toSorted();
  expect(every).toEqual(Object.keys(withheldInThread).toSorted());
});

it('a knob that is withheld says with which transport it is offered, or that a guest keeps state', () => {
  expect(offeredAndWithheld({}).withheld['batchSize']).toBe(
    "offered with transport: 'message' or 'either', and this sandbox has 'ring'",
  );
  expect(offeredAndWithheld({ transport: 'either' }).withheld['spinUs']).toBe(
    "offered with transport: 'ring', and this sandbox has 'either'",
  );
  expect(offeredAndWithheld({ guests: { g: { module, state: 'memory' } } }).withheld['threads']).toContain(
    'keeps state',
  );
});
