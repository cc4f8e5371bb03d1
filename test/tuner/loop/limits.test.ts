import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { quiet } from '../../../bench/worlds/arms.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Mode } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import { tune } from '../../../tuner/tune.ts';
import { entryOf, isRecord, quickOptions, recordsOf } from '../../support/tuned-world.ts';

/** One call in ten fails from `fromMs` on, for `forMs`. */
function failing(mode: Mode, fromMs: number, forMs = Infinity) {
  const world = createWorld(
    {
      ...quiet,
      law: ({ size }, atMs) => ({
        perSecond: size === 8 ? 3000 : 2000,
        errorFraction: atMs >= fromMs && atMs < fromMs + forMs ? 0.1 : 0,
      }),
    },
    1,
  );
  const time = manualTime(world);
  const expert = { ...quickOptions.expert, windowMs: 500, noisePairs: 0, restMs: 600_000 };
  const options = { ...quickOptions, mode, subjectTo: ['errors < 2%'], surroundings: time.surroundings, expert };
  const tuner = tune(world.executor, options);
  onTestFinished(() => tuner.stop().catch(() => undefined));
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warnings.mockRestore());
  const told = () =>
    warnings.mock.calls.filter(([, options]) => (options as { code?: string })?.code === 'SANDTUNE_LIMIT');
  /** Windows at the setting in force that held failures, up to the record. */
  const windowsUntil = (wanted: 'broken') => {
    let bad = 0;
    for (const entry of tuner.ledger.read()) {
      if (entry.kind === 'record' && entry.record.kind === 'limit' && entry.record.is === wanted) return bad;
      if (entry.kind !== 'event' || entry.event.kind !== 'measured') continue;
      if (entry.event.arm === 'baseline' && entry.event.window.startMs >= fromMs) bad++;
    }
    return expect.fail('nothing was told');
  };
  return { tuner, time, told, windowsUntil };
}

describe('a limit that breaks', () => {
  test.each(['observe', 'advise', 'confirm', 'auto'] as const)(
    'at rest in mode %s is told within two windows',
    async (mode) => {
      const { tuner, told, windowsUntil } = failing(mode, 60_000);
      await entryOf(tuner, isRecord('limit'));
      expect(recordsOf(tuner, 'limit')).toMatchObject([
        { is: 'broken', guardrail: 'errors < 2%', value: expect.closeTo(0.1, 1) },
      ]);
      expect(windowsUntil('broken')).toBeLessThanOrEqual(2);
      expect(told()).toHaveLength(1);
      await tuner.stop();
      expect(replay(tuner.ledger)).toMatchObject({ identical: true });
    },
  );

  test('while a trial runs is told within two windows at the setting in force', async () => {
    const { tuner, windowsUntil } = failing('auto', 6000);
    tuner.propose({ size: 2 }).catch(() => undefined);
    await entryOf(tuner, isRecord('limit'));
    expect(recordsOf(tuner, 'trial')).toHaveLength(1);
    expect(windowsUntil('broken')).toBeLessThanOrEqual(2);
  });

  test('while a question waits for its answer is told, and the question waits on', async () => {
    const { tuner, windowsUntil } = failing('confirm', 40_000);
    tuner.propose({ size: 8 }).catch(() => undefined);
    await entryOf(tuner, isRecord('ask'));
    await entryOf(tuner, isRecord('limit'));
    expect(windowsUntil('broken')).toBeLessThanOrEqual(2);
    expect(recordsOf(tuner, 'decision')).toEqual([]);
  });

  test('and is kept again later is told of twice', async () => {
    const { tuner, told } = failing('observe', 60_000, 30_000);
    await entryOf(
      tuner,
      (entry) => entry.kind === 'record' && entry.record.kind === 'limit' && entry.record.is === 'kept',
    );
    expect(recordsOf(tuner, 'limit').map((one) => one.is)).toEqual(['broken', 'kept']);
    expect(told().map(([text]) => text)).toEqual([
      expect.stringMatching(/errors < 2% is broken now: errors \d+(\.\d+)? %/),
      expect.stringMatching(/errors < 2% is kept again/),
    ]);
  });
});
