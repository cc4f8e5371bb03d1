/** A process that begins anew all the time: its search goes on where it was, and harms no more than one that never ended. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Settings } from '../../../../src/contracts.ts';
import { Store } from '../../../../src/store/store.ts';
import type { Entry, RecordOf, TunerRecord } from '../../../../tuner/entries/entries.ts';
import { openLedger } from '../../../../tuner/ledger.ts';
import { replay } from '../../../../tuner/replay.ts';
import type { Tuner } from '../../../../tuner/tune.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { entryOf, isRecord, tunedWorld } from '../../../support/tuned-world.ts';

const ways = Array.from({ length: 40 }, (_, i) => `way ${i}`);
const knobs = [{ id: 'way', defaultValue: 'way 0', domain: ways }];
const expert = { windowMs: 1000, baselineWindows: 8, noisePairs: 0, restMs: 10_000 };
const worseElsewhere = ({ way }: Settings) => (way === 'way 0' ? 10_000 : 8000);

// A manual clock runs on for hours while a disk is waited for, and hours pay for harm.
beforeEach(() => void vi.spyOn(Store.prototype, 'durable').mockResolvedValue(undefined));
afterEach(() => void vi.restoreAllMocks());

/** One life of the process, until `isOver`. @returns what it wrote */
async function life(
  stateDir: string,
  rate: (settings: Settings) => number,
  isOver: (entry: Entry) => boolean,
): Promise<Tuner> {
  const { tuner } = tunedWorld({ rate, knobs, sigma: 0.02 }, { stateDir, expert });
  await entryOf(tuner, isOver);
  await tuner.stop();
  return tuner;
}

/** True at the record of this kind after `count - 1` others. */
function nth(kind: 'probe' | 'visit', count: number): (entry: Entry) => boolean {
  let seen = 0;
  return (entry) => isRecord(kind)(entry) && ++seen === count;
}
const isRefused = (entry: Entry) =>
  entry.kind === 'record' && entry.record.kind === 'not-tried' && entry.record.code === 'needs-probe';
/** Of its own session: the ledger holds those before too. */
function recordsOf<K extends TunerRecord['kind']>({ history, ledger }: Tuner, kind: K): readonly RecordOf<K>[] {
  const { session } = history.entry;
  return [...ledger.read({ session })].flatMap((entry) =>
    entry.kind === 'record' && entry.record.kind === kind ? [entry.record as RecordOf<K>] : [],
  );
}

const settingsOf = (tuner: Tuner) =>
  recordsOf(tuner, 'visit').flatMap(({ visit }) => (visit ? [visit.settings['way']] : []));

it('what was visited before a restart is not visited again, and the harm that was done is not allowed anew', async () => {
  const stateDir = temporaryFolder();
  const visited: unknown[] = [];
  for (let restart = 0; restart < 3; restart++) {
    const tuner = await life(stateDir, worseElsewhere, nth('visit', 3));
    visited.push(...settingsOf(tuner));
    expect(replay(tuner.ledger).difference).toBeNull();
    await tuner[Symbol.asyncDispose]();
  }
  expect(new Set(visited).size).toBe(visited.length);
  const last = await life(stateDir, worseElsewhere, isRefused);
  // Twelve seconds at first, in all lives together, and nearly nothing for the minutes since.
  const harmed = [...recordsOf(last, 'visit')].at(-1)?.owedMs;
  expect(harmed).toBeGreaterThan(9000);
  expect(harmed).toBeLessThan(14_000);
  expect(visited.length + settingsOf(last).length).toBeLessThan(16);
  const after = await life(stateDir, worseElsewhere, isRefused);
  expect(recordsOf(after, 'probe')).toHaveLength(0);
}, 120_000);

it('what was found under another load than now is forgotten', async () => {
  const stateDir = temporaryFolder();
  await life(stateDir, worseElsewhere, nth('visit', 4));
  const tuner = await life(stateDir, (settings) => worseElsewhere(settings) / 2, nth('visit', 2));
  expect(recordsOf(tuner, 'visits-void')).toHaveLength(1);
  expect(settingsOf(tuner)[0]).toBe('way 1');
  using ledger = openLedger({ stateDir, executor: 'world', readOnly: true });
  // Of the first life only what it harmed counts on.
  expect(ledger.carriedOver().search?.visits.length).toBeLessThan(4);
  expect(ledger.carriedOver().search?.owedMs).toBeGreaterThan(4000);
}, 120_000);

it('a probe under which the process died is ruled out for a while, and each of its windows counts as harmed', async () => {
  const stateDir = temporaryFolder();
  const { tuner } = tunedWorld({ rate: worseElsewhere, knobs, sigma: 0.02 }, { stateDir, expert });
  const left: Entry[] = [];
  const stop = tuner.watch((entry) => {
    if (left.length === 0 && nthProbe(entry)) left.push(...tuner.ledger.read());
  });
  let probes = 0;
  function nthProbe(entry: Entry): boolean {
    return isRecord('probe')(entry) && ++probes === 2;
  }
  await entryOf(tuner, nth('visit', 3));
  stop();
  await tuner.stop();
  const killed = temporaryFolder();
  {
    await using ledger = openLedger({ stateDir: killed, executor: 'world' });
    ledger.append(left);
  }
  const died = left.flatMap((entry) =>
    entry.kind === 'record' && entry.record.kind === 'probe' ? [entry.record] : [],
  );
  const next = tunedWorld({ rate: worseElsewhere, knobs, sigma: 0.02 }, { stateDir: killed, expert });
  const { recalled } = next.tuner.history.entry;
  expect(recalled.ruledOut).toMatchObject([{ settings: died.at(-1)?.settings, failures: 0 }]);
  expect(recalled.search?.owedMs).toBeGreaterThan((died.at(-1)?.harmedMs ?? 0) + 5900);
  // And what is like it is kept away from: nothing worse can be found of a setting.
  expect(recalled.search?.visits.at(-1)).toMatchObject({ settings: died.at(-1)?.settings, gain: -3, died: true });
  // Under another load it goes on to count, and nothing is looked at that nobody expects anything of.
  expect(recalled.search?.tour).toMatchObject({ is: 'barred' });
  await next.tuner[Symbol.asyncDispose]();
}, 120_000);
