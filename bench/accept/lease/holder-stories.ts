/** Stories of the holder of the lease: it stops, is killed, is stopped and resumed, loses its ledger. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from './program.ts';
import { inTrial, modes, pair, type Story, sizesText, takeOverMs, takesOver, watchedMs } from './story.ts';

export const holderStories: readonly Story[] = [
  {
    name: 'the holder of a rolling deploy stops in order',
    expected: 'the other tunes within 30 s',
    faults: 1,
    async play(stage) {
      const [old, fresh] = await pair(stage);
      await old.stop();
      stage.fired++;
      return takesOver(fresh);
    },
  },
  {
    name: 'the holder is killed',
    expected: 'the other tunes within 30 s',
    faults: 1,
    async play(stage) {
      const [holder, other] = await pair(stage);
      await holder.kill();
      stage.fired++;
      return takesOver(other);
    },
  },
  {
    name: 'the holder is killed inside a trial',
    expected: 'the other tunes within 30 s, was never on the candidate, and names the trial',
    faults: 1,
    async play(stage) {
      const [holder, other] = await pair(stage);
      await inTrial(holder);
      await holder.kill();
      stage.fired++;
      const { isRight, came } = await takesOver(other);
      const named = await other.until('note', ({ code }) => code === 'interrupted', 2000);
      const applied = other.applied();
      return {
        isRight: isRight && named !== null && applied.every((size) => size === 1),
        came: `${came}, applied ${sizesText(applied)}, trial ${named ? 'named' : 'not named'}`,
      };
    },
  },
  {
    name: 'the holder is stopped for 30 s inside a trial, and resumed',
    expected: 'the other tunes meanwhile; the resumed one applies nothing but its anchor, and observes',
    faults: 2,
    control: 'fence',
    async play(stage, guardOff) {
      // The time for which it is stopped must not end its trial.
      const holder = await stage.start({ maxDurationMs: 300_000 });
      const other = await stage.start({ ...(guardOff && { guardOff }) });
      await inTrial(holder);
      if (await holder.holds('SIGSTOP')) stage.fired++;
      const stoppedMs = performance.now();
      const taken = await takesOver(other);
      await sleep(Math.max(0, 30_000 - (performance.now() - stoppedMs)));
      const from = holder.heard.length;
      if (await holder.holds('SIGCONT')) stage.fired++;
      await sleep(12_000);
      const { size, mode } = await holder.ask({ do: 'stand' }, 'stands');
      const applied = holder.applied(from);
      return {
        isRight: taken.isRight && mode === 'observe' && size === 1 && applied.every((one) => one === 1),
        came: `the other ${taken.came}; the resumed one applied ${sizesText(applied)}, is in ${mode} on ${size}`,
      };
    },
  },
  {
    name: 'the holder stops in order inside a trial',
    expected: 'it ends on its anchor; the other tunes within 30 s and has applied nothing',
    faults: 1,
    async play(stage) {
      const [holder, other] = await pair(stage);
      await inTrial(holder);
      const { size, anchor } = await holder.stop();
      stage.fired++;
      const { isRight, came } = await takesOver(other);
      const applied = other.applied().filter((one) => one !== 1);
      return {
        isRight: isRight && size === 1 && anchor === 1 && applied.length === 0,
        came: `it ended on ${size}; the other ${came}, applied ${sizesText(applied)}`,
      };
    },
  },
  {
    name: 'the ledger is deleted under both',
    expected: 'within 30 s one of them tunes, with a new ledger, and stays the only one',
    faults: 1,
    async play(stage) {
      const both = await pair(stage);
      const file = join(stage.stateDir, 'ledger.sqlite');
      await sleep(2000);
      for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
      if (!existsSync(file)) stage.fired++;
      const marks = both.map((program) => program.heard.length);
      await Promise.race(
        both.map((program, i) => program.until('session', ({ mode }) => mode === 'auto', takeOverMs, marks[i])),
      );
      await sleep(watchedMs);
      const tuning = both.filter(({ mode }) => mode === 'auto').length;
      return {
        isRight: tuning === 1 && existsSync(file),
        came: `${modes(both)}; ${existsSync(file) ? 'a' : 'no'} new ledger`,
      };
    },
  },
  {
    name: 'of three programs the holder is killed, and then the next',
    expected: 'one of the others tunes within 30 s, and then the last',
    faults: 2,
    async play(stage) {
      const [first, ...rest] = [await stage.start(), await stage.start(), await stage.start()];
      await first?.kill();
      stage.fired++;
      await Promise.race(rest.map((one) => takesOver(one)));
      await sleep(8000);
      const tuning = rest.filter(({ mode }) => mode === 'auto');
      const last = rest.find(({ mode }) => mode !== 'auto');
      if (tuning.length !== 1 || !last) return { isRight: false, came: modes(rest) };
      await tuning[0]?.kill();
      stage.fired++;
      const { isRight, came } = await takesOver(last);
      return { isRight, came: `one of two, then the last ${came}` };
    },
  },
];
