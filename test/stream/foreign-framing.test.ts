import { createStreamProcessor, type Framing, functionSink, type TakeFrame } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { bytes, executorOf, numbers, sinkOf, takeAll } from './stream-support.ts';

const nothing = new Uint8Array(0);

/** One byte a record. @param push instead of one that is as it should be */
function framingOf(
  push: (piece: Uint8Array, from: number, take: TakeFrame) => unknown,
  end: (take: TakeFrame) => void = () => {},
): Framing {
  return {
    name: 'bytes',
    reader: () => ({ heldBytes: 0, push: push as never, end }),
    around: () => ({ before: nothing, after: nothing }),
  };
}

const run = (framing: Framing, sink = functionSink(() => {})) =>
  createStreamProcessor(
    executorOf((text) => text),
    { framing, bufferRecords: 3 },
  ).run([bytes('0123456789')], sink);

describe('a framing that somebody wrote', () => {
  it.each([
    ['that does not move on', (_: Uint8Array, from: number) => from],
    ['that says nothing', () => undefined],
    ['that goes behind the end', () => 11],
    ['that is between two bytes', () => 0.5],
  ])('fails the run where it gives an index %s, and neither hangs nor loses what is left', async (_, push) => {
    await expect(run(framingOf(push))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_FRAMING',
      message: expect.stringMatching(/^partition 0: expected push\(\) to give an index behind 0, up to 10, got /),
    });
  });

  it.each([
    ['no bytes', 'text', 1],
    ['a record of nothing', bytes('a'), 0],
    ['a record of an unknown length', bytes('a'), Number.NaN],
  ])('fails the run where it takes %s', async (_, record, frameBytes) => {
    const framing = framingOf((_, from, take) => (take(record as Uint8Array, frameBytes, false), from + 1));
    await expect(run(framing)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_FRAMING' });
  });

  it('loses nothing where it goes on when it is told to stop, also at the end', async () => {
    const got: string[] = [];
    const framing = framingOf(
      (piece, _, take) => {
        for (let at = 0; at < piece.length; at++) take(piece.subarray(at, at + 1), 1, false);
        return piece.length;
      },
      (take) => {
        for (let at = 10; at < 20; at++) take(bytes(String(at)), 1, false);
      },
    );
    await run(framing, sinkOf(takeAll(got)));
    expect(got).toEqual(numbers(20));
  });
});
