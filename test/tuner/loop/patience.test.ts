import { expect, it } from 'vitest';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { type Audits, noAudits } from '../../../tuner/loop/audits.ts';
import { patienceIn } from '../../../tuner/loop/patience.ts';
import { initialState } from '../../../tuner/loop/state.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { windowOf } from '../trial/build-window.ts';

const [entry] = new SampleSession({ tune: { mode: 'auto' } }).entries;
const state = initialState(entry as SessionEntry);
const switched = { level: Math.log(2000), objective: { metric: 'throughput', direction: 'maximize' } } as const;
/** Fallen once more, a minute after it was seen to lose by staying. */
const fallen: Audits = { ...noAudits, misses: 1, asked: 'the level fell', fell: true, lostMs: 40_000, switched };
const now = (ok: number) => ({ windows: Array.from({ length: 10 }, () => windowOf({ ok })), sigmaD: 0.03 });
const nowMs = 100_000;
const patience = (audits: Partial<Audits>, ok: number, atMs = nowMs, nextTrial = 1) =>
  patienceIn({ ...state, nextTrial, audits: { ...fallen, ...audits } }, atMs, now(ok));

it('a setting that has fallen a second time stays for 45 to 90 s before it is audited, as chance has it', () => {
  const waits = [1, 2, 3, 4].map((trial) => (patience({}, 1000, nowMs, trial)?.staysUntilMs ?? 0) - nowMs);
  for (const ms of waits) expect(ms).toBeGreaterThanOrEqual(45_000);
  for (const ms of waits) expect(ms).toBeLessThanOrEqual(90_000);
  expect(new Set(waits).size).toBe(4);
  const staysUntilMs = 160_000;
  expect(patience({ staysUntilMs }, 1000, 159_000)).toMatchObject({ asked: 'the level fell', staysUntilMs });
  expect(patience({ staysUntilMs }, 1000, 160_000)).toBeNull();
});

it('one that comes back meanwhile has lost nothing by staying, and is not audited', () => {
  expect(patience({ staysUntilMs: 160_000 }, 1950)).toEqual({ asked: null, lostMs: null, staysUntilMs: null });
  expect(patience({ staysUntilMs: 160_000 }, 1850)).toMatchObject({ asked: 'the level fell' });
});

it.each<readonly [string, Partial<Audits>]>([
  ['for the first time', { lostMs: null }],
  ['after more than a quarter of an hour', { lostMs: nowMs - 900_001 }],
  ['while nothing asks for an audit', { asked: null }],
  ['for another reason than a fall', { fell: false }],
  ['where it is not known what it was while it was switched', { switched: null }],
])('nothing waits %s', (_, part) => {
  expect(patience(part, 1000)).toBeNull();
});
