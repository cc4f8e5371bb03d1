import { expect, it, vi } from 'vitest';
import { misbehaviours } from '../../bench/accept/knobs/misbehaviours.ts';
import { tryOut } from '../../bench/accept/knobs/try-out.ts';

const named = (name: string) => misbehaviours().find((one) => one.name === name) ?? expect.fail(`no ${name}`);

it('accept knobs finds a hanging knob right with limits of time, and wrong without', async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const guarded = await tryOut('function', named('apply() hangs'), { guarded: true });
  expect(guarded).toMatchObject({ wrong: [], misbehaviour: 'apply() hangs' });
  expect(guarded.fired).toBeGreaterThan(0);
  const unguarded = await tryOut('function', named('apply() hangs'), { guarded: false });
  expect(unguarded.wrong).toContain('stop() hangs');
  vi.restoreAllMocks();
});

it('accept knobs asks for forty misbehaviours at least, each with a name of its own', () => {
  const names = misbehaviours().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});
