import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { report } from '../../../exporters/report/report.ts';
import { onReadingThread } from '../../../exporters/stored/on-reading-thread.ts';
import type { Part } from '../../../exporters/stored/protocol.ts';
import { reportParts } from '../../../exporters/stored/read-stored.ts';
import { replayOf, reportOf } from '../../../exporters/stored/report-of.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { noChangeStory, richStory } from '../../support/sample-stories.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { betterFromEight, tunedWorld } from '../../support/tuned-world.ts';
import { manyWindows, meddle, storedLedger } from './stored-ledger.ts';

const rich = richStory({ session: 1 });
const noChange = noChangeStory({ session: 2 });

afterEach(() => vi.restoreAllMocks());
// Each thread strips the types of a hundred files before it begins, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** A ledger that a tuner wrote, of one session. */
async function tunedFolder(): Promise<string> {
  const stateDir = temporaryFolder();
  const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
  await tuner.propose({ size: 8 });
  await tuner[Symbol.asyncDispose]();
  return stateDir;
}

describe('reportOf()', () => {
  it('reportOf() gives what report() gives of the same ledger, of the last session or the one asked for', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, [...rich, ...noChange]);
    const last = await reportOf(folder);
    const first = await reportOf(join(folder, 'ledger.sqlite'), { session: 1, title: 'first' });
    for (const [stored, entries, title] of [
      [last, noChange, 'demo sandbox'],
      [first, rich, 'first'],
    ] as const) {
      const read = report(memoryLedger(entries), { title });
      const damage = { unreadable: 0, checked: true, faults: [], faultCount: 0 };
      expect(stored.data).toEqual({ ...JSON.parse(JSON.stringify(read.data)), damage });
      expect(stored.markdown).toBe(read.markdown);
      expect(stored.html).toBe(read.html);
      expect(JSON.parse(stored.json)).toEqual(JSON.parse(JSON.stringify(stored.data)));
    }
    expect(last.replay).toBeNull();
  });

  it('replays the session as well when asked to', async () => {
    const { data, replay } = await reportOf(await tunedFolder(), { replay: true });
    expect(replay).toMatchObject({ identical: true, sessions: 1, faultCount: 0 });
    expect(data.reproduce?.replay).toMatchObject({ identical: true, events: replay?.events });
  });

  it('reportOf() says of a ledger without a session that there is none', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, []);
    expect((await reportOf(folder, { replay: true })).data.verdict.line).toMatch(/the ledger holds no session/);
  });

  it('opens no file on the thread of its caller', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    const reads = [
      vi.spyOn(DatabaseSync.prototype, 'prepare'),
      vi.spyOn(DatabaseSync.prototype, 'exec'),
      vi.spyOn(DatabaseSync.prototype, 'close'),
    ];
    await reportOf(folder, { replay: true });
    await replayOf(folder);
    for (const read of reads) expect(read).not.toHaveBeenCalled();
  });

  it('lets the event loop of its caller turn between two parts of the result', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    let turns = 0;
    let going = true;
    const turn = () => {
      turns++;
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    const turnsAt: number[] = [];
    await onReadingThread({ kind: 'report', path: folder, replay: false }, () => void turnsAt.push(turns));
    going = false;
    expect(turnsAt.length).toBeGreaterThan(4);
    expect(new Set(turnsAt).size).toBe(turnsAt.length);
  });

  it('reportOf() sends no part that is long, however long the session', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, repeatedTrials(120));
    const parts: Part[] = [...reportParts({ kind: 'report', path: folder, replay: false })];
    const trials = parts.flatMap((part) => (part.of === 'trials' ? [part.trials] : []));
    expect(trials.flat()).toHaveLength(121);
    for (const some of trials)
      expect(some.slice(0, -1).reduce((sum, one) => sum + one.pairs.length + one.windows.length, 0)).toBeLessThan(500);
    for (const part of parts) if ('text' in part) expect(part.text.length).toBeLessThanOrEqual(2 ** 19);
    const json = parts.flatMap((part) => (part.of === 'json' ? [part.text] : [])).join('');
    expect(JSON.parse(json).trials).toEqual(JSON.parse(JSON.stringify(trials.flat())));
  });

  it('reads windows one at a time: a ledger many times its memory is read', async () => {
    const folder = temporaryFolder();
    // Parsed, these windows take several hundred megabytes.
    await manyWindows(folder, rich, 6_000);
    const seen: Part[] = [];
    await onReadingThread({ kind: 'report', path: folder, replay: false }, (part) => void seen.push(part), undefined, {
      maxYoungGenerationSizeMb: 8,
      maxOldGenerationSizeMb: 48,
    });
    const data = seen.find((part) => part.of === 'data');
    expect(data?.of === 'data' && data.data.validity.join()).toMatch(/6,\d\d\d windows/);
  }, 60_000);
});

describe('replayOf()', () => {
  it('plays every session again and finds all records the same', async () => {
    const played = await replayOf(await tunedFolder());
    expect(played).toMatchObject({ sessions: 1, identical: true, damaged: [], faults: [], faultCount: 0 });
    expect(played.path).toMatch(/ledger\.sqlite$/);
  });

  it('names the session and the row that was altered, and those cut off', async () => {
    const folder = await tunedFolder();
    meddle(folder, "UPDATE rows SET text = replace(text, '\"trial\":1', '\"trial\":7') WHERE kind = 'record:verdict'");
    meddle(folder, 'DELETE FROM rows WHERE seq = (SELECT max(seq) FROM rows)');
    const played = await replayOf(folder);
    expect(played.faults).toMatchObject([
      { kind: 'altered', seq: expect.any(Number) },
      { kind: 'cut', count: 1 },
    ]);
    expect(played.identical).toBe(false);
    const { data, markdown, html } = await reportOf(folder);
    expect(data.damage).toMatchObject({ checked: true, faultCount: 2 });
    for (const text of [markdown, html]) expect(text).toMatch(/damaged: row \d+ of session \d+ was altered/);
  });

  it('leaves a session with a row that cannot be read out, says so, and plays the others', async () => {
    const stateDir = temporaryFolder();
    for (const size of [8, 9]) {
      const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
      await tuner.propose({ size });
      await tuner[Symbol.asyncDispose]();
    }
    meddle(stateDir, 'UPDATE rows SET text = \'{"kind":"event","session":\' || run || \'}\' WHERE seq = 3');
    const played = await replayOf(stateDir);
    expect(played).toMatchObject({ sessions: 1, identical: false, difference: null, faultCount: 1 });
    expect(played.damaged).toHaveLength(1);
    expect(await replayOf(stateDir, { session: (await reportOf(stateDir)).data.session?.session ?? 0 })).toMatchObject({
      identical: true,
      faultCount: 0,
    });
  });
});

describe('a stored ledger that cannot be read', () => {
  it('a stored ledger that cannot be read is refused typed: no folder, no ledger in it, a path through a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'x');
    for (const path of [join(folder, 'nowhere'), folder, join(folder, 'file', 'below')]) {
      await expect(reportOf(path)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_LEDGER' });
      await expect(replayOf(path)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_LEDGER' });
    }
  });

  it('a stored ledger that cannot be read is refused typed with the trouble: somebody else’s file, an empty one, a folder in its place', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ledger.sqlite'), 'x'.repeat(5000));
    const foreign = await reportOf(folder).catch((error: unknown) => error);
    expect(foreign).toBeInstanceOf(StoreError);
    expect(foreign).toMatchObject({ code: 'ERR_SANDTUNE_STORE', trouble: 'damaged' });
    const empty = temporaryFolder();
    writeFileSync(join(empty, 'ledger.sqlite'), '');
    await expect(replayOf(empty)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_STORE', trouble: 'damaged' });
    const odd = temporaryFolder();
    mkdirSync(join(odd, 'ledger.sqlite'));
    await expect(replayOf(odd)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_LEDGER' });
  });

  it('a ledger that was set aside is read under the name it has now', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    renameSync(join(folder, 'ledger.sqlite'), join(folder, 'ledger.set-aside-1.sqlite'));
    expect((await reportOf(join(folder, 'ledger.set-aside-1.sqlite'))).data.session?.session).toBe(1);
  });

  it('a stored ledger is refused typed when it has not the session', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    await expect(reportOf(folder, { session: 5 })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
      message: expect.stringMatching(/sessions \(1\), got 5/),
    });
    expect(await replayOf(folder, { session: 5 })).toMatchObject({ sessions: 0 });
  });

  it('wrong options are refused before a thread begins', async () => {
    const wrong = [{ session: 1.5 }, { signal: {} }, { title: '' }, { sesion: 1 }, { replay: 'yes' }];
    for (const options of wrong)
      await expect(reportOf('.', options as never)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
    await expect(reportOf('')).rejects.toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
  });

  it('a stored ledger is not read any more once its signal is aborted, before or while it is', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    const reason = new Error('nobody waits for it any more');
    await expect(reportOf(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const going = new AbortController();
    const reading = replayOf(folder, { signal: going.signal });
    setImmediate(() => going.abort(reason));
    await expect(reading).rejects.toBe(reason);
  });

  it('a stored ledger that cannot be read is refused typed when the thread that reads it runs out of memory', async () => {
    const folder = temporaryFolder();
    await storedLedger(folder, rich);
    const limits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 4 };
    await expect(onReadingThread({ kind: 'replay', path: folder }, () => {}, undefined, limits)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_LEDGER',
      message: expect.stringMatching(/thread that reads/),
    });
  });
});

/** A session with `count` trials of the kind that was kept in the rich story. */
function repeatedTrials(count: number): readonly Entry[] {
  const begin = rich.findIndex((one) => one.kind === 'record' && one.record.kind === 'trial' && one.record.trial === 2);
  const end = rich.findIndex((one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2);
  const once = rich.slice(begin, end + 1);
  const numbered = (trial: number) =>
    once.map(
      (entry): Entry =>
        entry.kind === 'record' && 'trial' in entry.record
          ? ({ ...entry, record: { ...entry.record, trial } } as Entry)
          : entry,
    );
  return [...rich.slice(0, begin - 1), ...Array.from({ length: count }, (_, i) => numbered(i + 2)).flat()];
}
