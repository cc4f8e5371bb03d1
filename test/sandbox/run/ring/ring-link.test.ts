import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import { GuestCall } from '../../../../src/sandbox/run/call.ts';
import { RingReader } from '../../../../src/sandbox/run/ring/byte-ring.ts';
import { RingLink } from '../../../../src/sandbox/run/ring/ring-link.ts';
import { codecOf } from '../../../../src/sandbox/run/ring/signature-codec.ts';
import { bySignature, request } from '../../../../src/sandbox/run/ring/worker-memory.ts';
import { recorderFor } from '../../../support/recorder-for.ts';
import { callOf } from './serving.ts';

function linkToNobody() {
  const { port1, port2 } = new MessageChannel();
  const link = new RingLink(port1, 1024 * 1024);
  onTestFinished(() => {
    link.close();
    port2.close();
  });
  const reader = new RingReader(link.memory.requests);
  const recorder = recorderFor(manualTime());
  const seen = () => {
    let frames = 0;
    while (reader.next() >= 0) {
      reader.done();
      frames++;
    }
    return frames;
  };
  const write = (expectedMs: number, mayHold: boolean) => link.write(callOf(recorder, 0, [1]), expectedMs, mayHold);
  return { link, seen, write };
}

it('a call is seen at once by a worker that has no other, and those behind it when they are flushed', () => {
  const { link, seen, write } = linkToNobody();
  for (let i = 0; i < 5; i++) write(0.001, true);
  expect(seen()).toBe(1);
  link.flush();
  expect(seen()).toBe(4);
  link.flush();
  expect(seen()).toBe(0);
});

it('a call of an export takes a cell for each argument, and a call without a signature a tag beside each', () => {
  const { link, write } = linkToNobody();
  const recorder = recorderFor(manualTime());
  const reader = new RingReader(link.memory.requests);
  const next = () => {
    const at = reader.next();
    reader.done();
    return [reader.frameBytes, link.memory.requests.ints[(at + request.argc) >> 2]];
  };
  const codec = codecOf({ params: ['i32', 'i64'], results: [] });
  const { plan } = callOf(recorder, 0, []);
  link.write(new GuestCall(recorder.books, { ...plan, codec }, [1, 2n], undefined), 0, false);
  write(0, false);
  expect([next(), next()]).toEqual([
    [request.values + 16, bySignature],
    [request.values + 16, 1],
  ]);
});

it('no more work than ten microseconds is held back, and no more calls than sixteen', () => {
  const { seen, write } = linkToNobody();
  write(0.001, true);
  expect(seen()).toBe(1);
  for (let i = 0; i < 16; i++) write(0, true);
  expect(seen()).toBe(0);
  write(0, true);
  expect(seen()).toBe(17);
  write(0.006, true);
  expect(seen()).toBe(0);
  write(0.006, true);
  expect(seen()).toBe(2);
});

it('a call that may not wait is seen at once, with all that were held back', () => {
  const { link, seen, write } = linkToNobody();
  for (let i = 0; i < 3; i++) write(0, true);
  write(0, false);
  expect(seen()).toBe(4);
  write(0, true);
  link.writeQuestion();
  expect(seen()).toBe(2);
});
