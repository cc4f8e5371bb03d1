import { expect, it, vi } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import type { Announcer } from '../../../tuner/shell/announcer.ts';
import type { OwnLease } from '../../../tuner/shell/own-lease.ts';
import { Upkeep } from '../../../tuner/shell/upkeep.ts';

it('a session renews its lease and reads the off switch while old windows are dropped, which may take minutes', async () => {
  using ledger = openLedger({ stateDir: ':memory:', executor: 'x' });
  const pruning = Promise.withResolvers<number>();
  ledger.prune = vi.fn(() => pruning.promise);
  let renewals = 0;
  const off = Promise.withResolvers<void>();
  const renew = async () => {
    if (++renewals === 3) ledger.setOff(true);
    return true;
  };
  const upkeep = new Upkeep({
    ledger,
    ...manualTime(),
    announcer: {} as Announcer,
    lease: { renew } as OwnLease,
    seek: null,
    mayPrune: () => true,
    onOff: off.resolve,
    onLost: off.reject,
    onFound: off.reject,
    onTrouble: off.reject,
  });
  await off.promise;
  expect(renewals).toBe(3);
  expect(ledger.prune).toHaveBeenCalledTimes(1);
  pruning.resolve(0);
  upkeep.stop();
});
