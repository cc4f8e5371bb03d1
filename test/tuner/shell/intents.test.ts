import { expect, it } from 'vitest';
import { playSessions } from '../../../bench/walk/session.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { Stepper } from '../../../tuner/shell/stepper.ts';
import { ratedWorld } from '../../support/tuned-world.ts';

it('a commit waits for its intent to be on disk, with a hold-back and without', async () => {
  const [moments = []] = await playSessions();
  const first = moments[0]?.state.session ?? expect.fail('no session');
  const { executor } = ratedWorld({ rate: () => 1, knobs: first.knobs });
  for (const holdBackFraction of [0.5, 0]) {
    using ledger = openLedger({ stateDir: ':memory:', executor: 'x' });
    const session = { ...first, options: { ...first.options, holdBackFraction } };
    const stepper = new Stepper(session, executor, ledger, { now: () => 0 });
    for (const { event } of moments) {
      const { records } = stepper.step(event);
      if (!records.some((record) => record.kind === 'decision' && record.decision === 'commit')) {
        stepper.wasDurable();
        continue;
      }
      expect(stepper.state.current).not.toEqual(first.anchor);
      expect(stepper.mustBeDurable).toBe(true);
      break;
    }
    expect(stepper.state.current).not.toEqual(first.anchor);
  }
});
