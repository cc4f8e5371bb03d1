import { afterEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../../../exporters/terminal/run-command.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { openLedger } from '../../../../tuner/ledger.ts';
import { SampleSession, sampleStart } from '../../../support/sample-ledger.ts';
import { noChangeStory, richStory } from '../../../support/sample-stories.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function check(entries: readonly Entry[], ...args: readonly string[]) {
  const stateDir = temporaryFolder();
  {
    await using ledger = openLedger({ stateDir, executor: 'demo sandbox' });
    ledger.append(entries);
    await ledger.durable();
  }
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const code = await runCommand(['check', '--state-dir', stateDir, ...args]);
  vi.restoreAllMocks();
  return { code, stdout };
}

it('sandtune check exits with 98 where something proven is not configured, and shows the edit', async () => {
  const { code, stdout } = await check(richStory());
  expect(code).toBe(98);
  expect(stdout).toMatch(
    /'demo sandbox': threads 2, batchSize 64 was proven in trial \d+ of session \d+, and threads 3, batchSize 1 is configured/,
  );
  expect(stdout).toContain('+   batchSize: 64,');
});

it('sandtune check exits with 99 where a limit is broken, also where something proven is not configured', async () => {
  // A closed loop of 256 calls at 76,000 a second: each takes 3 ms.
  const { code, stdout } = await check(richStory({ tune: { subjectTo: ['mean < 1ms'] } }), '--json');
  expect(code).toBe(99);
  const [first] = JSON.parse(stdout).executors;
  expect(first).toMatchObject({
    broken: [{ guardrail: 'mean < 1ms', limit: 1 }],
    notApplied: [{ proven: { threads: 2 } }],
  });
});

it('sandtune check exits with 0 where no limit is broken and nothing was proven', async () => {
  expect(await check(noChangeStory({ tune: { subjectTo: ['mean < 60s'] } }))).toMatchObject({ code: 0 });
});

it('sandtune check says what it could not judge, and why', async () => {
  const [begin] = noChangeStory();
  const none = await check([begin as Entry]);
  expect(none).toMatchObject({ code: 0 });
  expect(none.stdout).toMatch(/nothing was judged: no limit is set .*, and no trial has come to a verdict/);
  const [limited] = noChangeStory({ tune: { subjectTo: ['p99 < 50ms'] } });
  expect((await check([limited as Entry])).stdout).toMatch(
    /nothing was judged: session \d+, the newest, has too few calls at its end to judge p99 < 50ms, and no trial/,
  );
  const judged = await check(noChangeStory({ tune: { subjectTo: ['mean < 60s'] } }));
  expect(judged.stdout).toMatch(/no limit is broken at the end of session \d+, the newest; /);
});

/** batchSize 64 is committed, and its hold-back has decided nothing. */
const committed = () =>
  new SampleSession({ session: 1 }).baseline().trial({ to: { batchSize: 64 }, gain: 4, pairs: 9, pending: true });

it('sandtune check names what was proven once and not confirmed, never says that nothing proven is left out, and exits with 0', async () => {
  const running = await check(committed().entries);
  expect(running.code).toBe(0);
  expect(running.stdout).toContain(
    "'demo sandbox': batchSize 64 was proven once, in trial 1 of session 1; its hold-back has not ended, so it is not in force",
  );
  expect(running.stdout).not.toContain('nothing proven');
  const stopped = committed();
  const begun = stopped.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'trial' ? [one.record] : [],
  );
  stopped.record({ ...(begun[0] ?? expect.fail('no trial')), trial: 2, purpose: 'hold-back' }).record({
    kind: 'decision',
    trial: 2,
    decision: 'revert',
    trigger: 'stopped',
    settings: sampleStart,
    callsAffected: 0,
    afterMs: 1,
    reason: 'the tuner was asked to stop',
  });
  const ended = await check(stopped.stop().entries);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toContain('its hold-back did not end: the tuner was stopped, so it is not in force');
  const { stdout } = await check(stopped.entries, '--json');
  expect(JSON.parse(stdout).executors[0].provenOnce).toEqual([{ session: 1, trial: 1, settings: { batchSize: 64 } }]);
});
