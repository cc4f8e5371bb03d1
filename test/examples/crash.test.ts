import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommittedFolder, commitOnce } from '../../examples/demo/crash/committed-folder.ts';
import { type CrashResult, killInsideTrial } from '../../examples/demo/crash/kill-inside-trial.ts';
import { configured, improved } from '../../examples/demo/crash/settings.ts';

describe('kill -9 inside a trial', () => {
  let committed: CommittedFolder;
  beforeAll(async () => {
    committed = await commitOnce(1);
  }, 240_000);
  afterAll(() => committed[Symbol.asyncDispose]());

  /** A kill that came after the decision says nothing: it is done again. */
  async function killed(ledgerLost: boolean): Promise<CrashResult> {
    for (let attempt = 0; ; attempt++) {
      const result = await killInsideTrial(committed, attempt, { after: 'window', delayMs: 100 }, { ledgerLost });
      if (result.killedInTrial || attempt === 4) return result;
    }
  }

  it('kill -9 inside a trial is followed by a start on the committed anchor, which is not what is configured', async () => {
    const result = await killed(false);
    expect(result).toMatchObject({
      killedInTrial: true,
      onAnchor: true,
      noteNamesTrial: true,
      standsOn: { ...configured, ...improved },
    });
    expect(result.standsOn).not.toMatchObject(configured);
  }, 120_000);

  it('kill -9 inside a trial is followed by a start on what is configured where the ledger was lost', async () => {
    expect(await killed(true)).toMatchObject({
      killedInTrial: true,
      onAnchor: false,
      noteNamesTrial: false,
      standsOn: configured,
      note: null,
    });
  }, 120_000);
});
