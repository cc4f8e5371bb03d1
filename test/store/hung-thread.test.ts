import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { systemTimers } from '../../src/foundation/clock.ts';
import { placeOf } from '../../src/store/open-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { StoreError } from '../../src/store/store-error.ts';
import { ThreadWriter } from '../../src/store/thread-writer.ts';
import { open, row, storeFile, texts, version, wallMs } from './support.ts';

const fence = { subject: 'pool', number: 1 };

const limits = { lookEveryMs: 10, looks: 5, looksAtStart: 5, looksAtEnd: 5, looksWhenWell: 2 };

/** Of a file that its thread hears nothing about: what a disk that hangs looks like from the host. */
function hungWriter(path: string, troubles: StoreError[]): ThreadWriter {
  const listener = { outdated: () => {}, trouble: (error: StoreError) => troubles.push(error), wrote: () => {} };
  return new ThreadWriter({ path, version, place: placeOf(path) ?? '', writer: 'writer' }, listener, limits);
}

it('a thread that does not answer holds nobody up for ever, and is told of as a trouble', async () => {
  const path = storeFile();
  open(path);
  const troubles: StoreError[] = [];
  const writer = hungWriter(path, troubles);
  const said = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
  const begun = once(process, 'worker') as Promise<[Worker]>;
  writer.append({ number: 1, rows: [{ ...row('a'), bulkBefore: 0 }], cells: [], fence: null });
  const [worker] = await begun;
  await expect(writer.written(1)).rejects.toMatchObject({ trouble: 'hung' });
  await expect(writer.ask({ kind: 'release', fence })).rejects.toMatchObject({ trouble: 'hung' });
  expect(new Set(troubles.map(({ trouble }) => trouble))).toEqual(new Set(['hung']));
  expect(writer.waiting).toHaveLength(1);
  await writer.close();
  said.mockRestore();
  await worker.terminate();
});

it('a thread that owes an answer nobody waits for is told of as well', async () => {
  const path = storeFile();
  open(path);
  const troubles: StoreError[] = [];
  const writer = hungWriter(path, troubles);
  const said = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
  const begun = once(process, 'worker') as Promise<[Worker]>;
  writer.append({ number: 1, rows: [{ ...row('a'), bulkBefore: 0 }], cells: [], fence: null });
  const [worker] = await begun;
  await vi.waitFor(() => expect(troubles).toMatchObject([{ trouble: 'hung' }]), { interval: 5 });
  await writer.close();
  said.mockRestore();
  await worker.terminate();
});

describe('a host that looks whether its thread answers', () => {
  const batch = (number: number) => ({ number, rows: [{ ...row('a'), bulkBefore: 0 }], cells: [], fence: null });

  /** Each look happens when the test says so. */
  function looks() {
    const sleeping: (() => void)[] = [];
    const sleeps = vi.spyOn(systemTimers, 'sleep').mockImplementation(
      (_ms, { signal, keepAlive } = {}) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          // The end of a writer is waited for by a sleep that keeps the process alive.
          if (!keepAlive) sleeping.push(resolve);
        }),
    );
    return {
      restore: () => sleeps.mockRestore(),
      async look(count: number): Promise<void> {
        for (let done = 0; done < count; done++) {
          await vi.waitFor(() => expect(sleeping.length).toBeGreaterThan(0));
          sleeping.shift()?.();
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
  }

  it('counts its looks and not the time, so that a process which was stopped for long takes no silence for a disk that hangs', async () => {
    const path = storeFile();
    open(path);
    const troubles: StoreError[] = [];
    const listener = { outdated: () => {}, trouble: (error: StoreError) => troubles.push(error), wrote: () => {} };
    const writer = new ThreadWriter({ path, version, place: placeOf(path) ?? '', writer: 'writer' }, listener, {
      lookEveryMs: 1,
      looks: 5,
      looksAtStart: 1_000_000,
      looksAtEnd: 1_000_000,
      looksWhenWell: 2,
    });
    const { look, restore } = looks();
    writer.append(batch(1));
    await writer.written(1);
    const said = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
    writer.append(batch(2));
    const second = writer.written(2);
    second.catch(() => undefined);
    await look(4);
    expect(troubles).toEqual([]);
    await look(2);
    expect(troubles).toMatchObject([{ trouble: 'hung', reason: 'no answer of the disk in 5 ms' }]);
    await expect(second).rejects.toMatchObject({ trouble: 'hung' });
    said.mockRestore();
    restore();
    await writer.close();
  });

  it('takes a disk that hung for well again once something is written soon, and not when it is written late', async () => {
    const path = storeFile();
    open(path);
    const told: string[] = [];
    const listener = { outdated: () => {}, trouble: () => told.push('trouble'), wrote: () => told.push('wrote') };
    const writer = new ThreadWriter({ path, version, place: placeOf(path) ?? '', writer: 'writer' }, listener, {
      lookEveryMs: 1,
      looks: 5,
      looksAtStart: 1_000_000,
      looksAtEnd: 1_000_000,
      looksWhenWell: 2,
    });
    const { look, restore } = looks();
    const begun = once(process, 'worker') as Promise<[Worker]>;
    writer.append(batch(1));
    const [worker] = await begun;
    await writer.written(1);
    const said = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
    writer.append(batch(2));
    writer.written(2).catch(() => undefined);
    await look(8);
    expect(told).toEqual(['wrote', 'trouble']);
    const late = said.mock.calls.map(([message]) => message as unknown);
    said.mockRestore();
    for (const message of late) worker.postMessage(message);
    await writer.written(2);
    expect(told).toEqual(['wrote', 'trouble']);
    writer.append(batch(3));
    await writer.written(3);
    expect(told).toEqual(['wrote', 'trouble', 'wrote']);
    restore();
    await writer.close();
  });
});

it('whoever leaves a store does not stop the thread it is on, and whoever comes back finds what was appended', async () => {
  const path = storeFile();
  const waits = vi.spyOn(Atomics, 'wait');
  for (let i = 0; i < 3; i++) {
    using opened = openStore({ path, version, wallMs });
    opened.store.append([row(`${i}`)]);
  }
  expect(waits).not.toHaveBeenCalled();
  waits.mockRestore();
  expect(texts(open(path).store.read())).toEqual(['0', '1', '2']);
});
