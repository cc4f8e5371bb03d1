import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { placeOf } from '../../src/store/open-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { StoreError } from '../../src/store/store-error.ts';
import { ThreadWriter } from '../../src/store/thread-writer.ts';
import { open, row, storeFile, texts, version, wallMs } from './support.ts';

const fence = { subject: 'pool', number: 1 };

/** Of a file that its thread hears nothing about: what a disk that hangs looks like from the host. */
function hungWriter(path: string, troubles: StoreError[]): ThreadWriter {
  const listener = { outdated: () => {}, trouble: (error: StoreError) => troubles.push(error), wrote: () => {} };
  return new ThreadWriter({ path, version, place: placeOf(path) ?? '', writer: 'writer' }, listener, 50);
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
  await expect(writer.written(1)).rejects.toMatchObject({ trouble: 'failed' });
  await expect(writer.ask({ kind: 'release', fence })).rejects.toMatchObject({ trouble: 'failed' });
  expect(troubles.map(({ trouble }) => trouble)).toEqual(['failed', 'failed']);
  expect(writer.waiting).toHaveLength(1);
  await writer.close();
  said.mockRestore();
  await worker.terminate();
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
