import { setImmediate as turn } from 'node:timers/promises';
import {
  type Checkpoint,
  type CheckpointStorage,
  createStreamProcessor,
  fileSource,
  functionSink,
  lines,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { jobIn, recording, records, stream } from './job-support.ts';
import { executorOf, numbers } from './stream-support.ts';

describe('what is durable when', () => {
  it('delivers at most once: what is committed was read, and none of it is delivered before', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 300));
    const saved: Checkpoint[] = [];
    const storage = recording(saved);
    const delivered: number[] = [];
    const sink = functionSink((list) => {
      for (const { offset } of list) {
        expect(offset).toBeLessThan(saved.at(-1)?.input.position[0]?.offset ?? 0);
        delivered.push(offset);
      }
    });
    await stream(4, { delivery: 'at-most-once' }).run(fileSource(job.source), sink, { checkpoints: storage });
    expect(delivered).toEqual(numbers(300).map(Number));
  });

  it('stops at the third failure of a store in a row, and goes on after one', async () => {
    let failures = 0;
    const failing = (most: number): CheckpointStorage => ({
      ...recording([]),
      save: async () => {
        if (failures++ < most) throw new Error('disk full');
      },
    });
    const job = jobIn(temporaryFolder(), records);
    const slow = functionSink(async () => {
      await turn();
    });
    const summary = await stream(1, { bufferRecords: 5 }).run(fileSource(job.source), slow, {
      checkpoints: failing(1),
    });
    expect(summary.failedCheckpoints).toBe(1);
    failures = 0;
    const running = stream(1, { bufferRecords: 5 }).run(fileSource(job.source), slow, {
      checkpoints: failing(Infinity),
    });
    await expect(running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', cause: { message: 'disk full' } });
    expect(failures).toBe(3);
  });

  it('takes the state of guests when exactly the records before the position were called and acknowledged', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 500));
    let called = 0;
    const executor = executorOf(async (text) => {
      await turn();
      called++;
      return text;
    });
    const seen: [number, number][] = [];
    const saved: Checkpoint[] = [];
    const keeper = {
      moduleHash: null,
      snapshot: async () => {
        seen.push([called, 0]);
        return [];
      },
      restore: async () => {},
    };
    const processor = createStreamProcessor(executor, {
      framing: lines(),
      checkpointBytes: 100,
      bufferRecords: 20,
    });
    const summary = await processor.run(
      fileSource(job.source),
      functionSink(() => {}),
      {
        checkpoints: recording(saved),
        guestState: keeper,
      },
    );
    expect(summary.delivered).toBe(500);
    expect(saved.length).toBeGreaterThan(1);
    expect(saved.map(({ input }) => input.position[0]?.offset)).toEqual(seen.map(([count]) => count));
  });
});
