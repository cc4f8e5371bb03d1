import { expect, it, vi } from 'vitest';
import { reportParts } from '../../../exporters/stored/read-stored.ts';
import type { HeldLease } from '../../../src/store/lease.ts';
import { Leases } from '../../../src/store/leases.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { tunedWorld } from '../../support/tuned-world.ts';

/** What the report of the ledger there says it holds for. */
function validityIn(path: string): string {
  for (const part of reportParts({ kind: 'report', path, replay: false }))
    if (part.of === 'data') return part.data.validity.join(' ');
  throw new Error('expected a report');
}

const sentence = /The session has no recorded end: ([^.]*)/;

/** A session that runs, in this mode, under its lease as it is or as `seen` has it. */
async function saidOf(mode: 'auto' | 'observe', seen?: readonly Partial<HeldLease>[]): Promise<string | undefined> {
  const stateDir = temporaryFolder();
  const { tuner } = tunedWorld({ rate: () => 10_000 }, { stateDir, mode });
  await tuner.settled();
  await tuner.ledger.durable();
  const held = vi.spyOn(Leases.prototype, 'held');
  const lease: HeldLease = { subject: 'world', holder: 'process 12 on build-7', lives: true, fence: 1, beat: 1 };
  if (seen) held.mockReturnValue(seen.map((one) => ({ ...lease, ...one })));
  const said = sentence.exec(validityIn(stateDir))?.[1];
  held.mockRestore();
  await tuner[Symbol.asyncDispose]();
  expect(validityIn(stateDir)).not.toMatch(sentence);
  return said;
}

it('the report of a stored session without a recorded end says which process runs it still', async () => {
  expect(await saidOf('auto')).toBe('it still runs, in this process');
});

it('the report of a stored session says that it was interrupted where its lease is free or its holder is gone', async () => {
  const interrupted = 'it was interrupted, since the process that ran it is gone';
  expect(await saidOf('auto', [])).toBe(interrupted);
  expect(await saidOf('auto', [{ lives: false }])).toBe(interrupted);
});

it('the report of a stored session says who has its lease where that process cannot be seen', async () => {
  expect(await saidOf('auto', [{ lives: null }])).toMatch(
    /or it was interrupted: its lease belongs to process 12 on build-7/,
  );
});

it('the report of a stored session that only observes leaves open whether it runs, since it needs no lease', async () => {
  expect(await saidOf('observe')).toBe('it still runs, or it was interrupted');
});
