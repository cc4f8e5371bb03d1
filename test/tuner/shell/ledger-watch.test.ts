import { describe, expect, it, vi } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { StoreError, type Trouble } from '../../../src/store/store-error.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { LedgerWatch } from '../../../tuner/shell/ledger-watch.ts';

const trouble = (kind: Trouble) => new StoreError('a file', kind, kind);

function watched() {
  const ledger = openLedger({ stateDir: ':memory:', executor: 'x' });
  const listeners = new Set<(error: StoreError) => void>();
  let state: Error | null = null;
  ledger.durable = async () => {
    if (state) throw state;
  };
  ledger.onTrouble = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const told: string[] = [];
  const watch = new LedgerWatch({
    ledger,
    ...manualTime(),
    holdsLease: true,
    onUnwritable: () => told.push('unwritable'),
    onWritable: () => told.push('writable'),
    onGone: () => told.push('gone'),
    onLost: () => told.push('lost'),
  });
  const fail = (error: Error | null) => {
    state = error;
    if (error instanceof StoreError) for (const listener of listeners) listener(error);
  };
  return { ledger, watch, told, fail, listeners };
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('watching whether the ledger takes what is appended', () => {
  it.each(['locked', 'full', 'read-only', 'failed'] as const)(
    'a watch says once that a ledger which is %s for long cannot be written, and once that it can be again',
    async (kind) => {
      const { told, fail } = watched();
      fail(trouble(kind));
      await vi.waitFor(() => expect(told).toEqual(['unwritable']));
      fail(trouble(kind));
      await turns(100);
      expect(told).toEqual(['unwritable']);
      fail(null);
      await vi.waitFor(() => expect(told).toEqual(['unwritable', 'writable']));
    },
  );

  it('a watch says at once that a ledger whose disk hangs cannot be written, since the store has waited for it', async () => {
    const { told, fail } = watched();
    fail(trouble('hung'));
    expect(told).toEqual(['unwritable']);
    fail(null);
    await vi.waitFor(() => expect(told).toEqual(['unwritable', 'writable']));
  });

  it('a watch says that a ledger is written again once the store says that its disk is well, and not with the first batch that it took', async () => {
    const { ledger, told, fail } = watched();
    let hung: StoreError | null = trouble('hung');
    Object.defineProperty(ledger, 'trouble', { get: () => hung });
    fail(hung);
    fail(null);
    await turns(100);
    expect(told).toEqual(['unwritable']);
    hung = null;
    await vi.waitFor(() => expect(told).toEqual(['unwritable', 'writable']));
  });

  it('a watch says nothing of a trouble that is soon over', async () => {
    const { told, fail } = watched();
    fail(trouble('locked'));
    await turns(4);
    fail(null);
    await turns(100);
    expect(told).toEqual([]);
  });

  it.each(['missing', 'damaged'] as const)(
    'a watch says at once that a file which is %s is gone, and nothing more',
    async (kind) => {
      const { told, fail, listeners } = watched();
      fail(trouble(kind));
      expect(told).toEqual(['gone']);
      expect(listeners.size).toBe(0);
      await turns(100);
      expect(told).toEqual(['gone']);
    },
  );

  it('a watch says that the file is gone when that comes out while it is in other trouble', async () => {
    const { told, fail } = watched();
    fail(trouble('locked'));
    fail(trouble('missing'));
    await turns(100);
    expect(told).toEqual(['gone']);
  });

  it('an intent waits out a trouble of the ledger, and is durable then', async () => {
    const { watch, told, fail } = watched();
    fail(trouble('full'));
    const durable = watch.durable(new AbortController().signal);
    await vi.waitFor(() => expect(told).toEqual(['unwritable']));
    fail(null);
    expect(await durable).toBe(true);
  });

  it('no intent is durable under a lease that somebody else holds', async () => {
    const { watch, told, fail } = watched();
    fail(new SandtuneError('ERR_SANDTUNE_LEASE', 'taken'));
    expect(await watch.durable(new AbortController().signal)).toBe(false);
    expect(told).toEqual(['lost']);
  });

  it('a tuner that waits for a disk that hangs hears that it is to stop', async () => {
    const { ledger, watch } = watched();
    ledger.durable = () => new Promise(() => {});
    const stop = new AbortController();
    const durable = watch.durable(stop.signal);
    stop.abort();
    expect(await durable).toBe(false);
  });
});
