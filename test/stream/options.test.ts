import { createStreamProcessor, lines, type StreamOptions } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { resolveStreamOptions } from '../../src/stream/options.ts';
import { refusalOf } from '../support/refusal.ts';
import { executorOf } from './stream-support.ts';

describe('options of createStreamProcessor()', () => {
  it.each<[StreamOptions, RegExp]>([
    [{ bufferByte: 1 } as StreamOptions, /no option 'bufferByte'.*did you mean 'bufferBytes'/],
    [{ bufferBytes: 10 }, /bufferBytes: expected an integer from 1024 to/],
    [{ maxRecordBytes: 2 ** 30 }, /maxRecordBytes: expected an integer from 1 to 67108864, got 1073741824/],
    [{ lowWatermark: 0.95 }, /lowWatermark: expected a number from 0 to 0.9/],
    [{ ordering: 'key' }, /keyOf: expected a function of a record/],
    [{ framing: {} as never }, /framing: expected lines\(\), lengthPrefixed\(\), fixed\(N\) or/],
    [{ batchRecords: 2 }, /batchRecords: expected nothing beside takes: 'record'/],
    [{ onFailed: 'dead-letter' }, /deadLetters: expected a function/],
    [{ deadLetters: () => {} }, /deadLetters: expected nothing without onFailed: 'dead-letter'/],
    [{ onFailed: { retries: 0 } }, /onFailed.retries: expected an integer from 1 to 1000/],
    [{ recovery: 'skip-failed', onFailed: 'fail' }, /onFailed: expected 'skip', which recovery: 'skip-failed' sets/],
    [{ delivery: 'effectively-once', ordering: 'none' }, /ordering: expected 'partition' beside/],
    [{ delivery: 'effectively-once', ordering: 'key', keyOf: () => '' }, /ordering: expected 'partition' beside/],
    [{ delivery: 'effectively-once', backpressure: 'sample' }, /backpressure: expected 'block' or 'adaptive'/],
    [{ delivery: 'effectively-once', backpressure: 'drop-newest' }, /which lose nothing/],
    [{ function: 'f' }, /function: expected nothing but for a sandbox, got "f"/],
  ])('refuses %j', (options, message) => {
    const refusal = refusalOf(() =>
      createStreamProcessor(
        executorOf((text) => text),
        options,
      ),
    );
    expect(refusal).toMatch(/^ERR_SANDTUNE_OPTION /);
    expect(refusal).toMatch(message);
  });

  it('refuses what is no executor', () => {
    expect(refusalOf(() => createStreamProcessor((() => {}) as never))).toMatch(/^ERR_SANDTUNE_OPTION executor/);
  });

  it('restarts from the checkpoint under skip-failed and dead-letter, which say what becomes of failed records', () => {
    expect(resolveStreamOptions({ recovery: 'skip-failed' })).toMatchObject({
      recovery: 'restart-from-checkpoint',
      onFailed: { atLast: 'skip' },
    });
    expect(resolveStreamOptions({ recovery: 'dead-letter', deadLetters: () => {} }).onFailed.atLast).toBe(
      'dead-letter',
    );
  });

  it('clamps what a small buffer implies', () => {
    expect(resolveStreamOptions({ bufferBytes: 4096, highWatermark: 0.4, framing: lines() })).toMatchObject({
      maxRecordBytes: 4096,
      lowWatermark: 0.2,
    });
  });
});
