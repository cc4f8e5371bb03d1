import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type Checkpoint,
  type CheckpointStorage,
  createStreamProcessor,
  fileCheckpoints,
  fileSource,
  functionSink,
  lines,
  type Sink,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { jobIn, recording, records, stream } from './job-support.ts';
import { executorOf, numbers, sinkOf, takeAll } from './stream-support.ts';

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

  it('begins nothing, and ends nothing, before the first and the last checkpoint are durable', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 20));
    for (const failing of [1, 2]) {
      let saves = 0;
      let delivered = 0;
      const saved: Checkpoint[] = [];
      const storage = recording(saved);
      const flaky: CheckpointStorage = {
        ...storage,
        save: async (one) => {
          saves++;
          if (saves === failing) throw new Error('disk full');
          await storage.save(one);
        },
      };
      const sink = functionSink((list) => {
        expect(saved.length).toBeGreaterThan(0);
        delivered += list.length;
      });
      const processor = stream(1, { checkpointIntervalMs: 50 });
      expect(await processor.run(fileSource(job.source), sink, { checkpoints: flaky })).toMatchObject({
        failedCheckpoints: 1,
      });
      expect(delivered).toBe(20);
      expect(saved.at(0)?.input.position[0]?.offset).toBe(0);
      expect(saved.at(-1)?.input.position[0]?.offset).toBe(20);
    }
  });

  it('has delivered no more than one interval, and a record, behind its last durable checkpoint, at least once', async () => {
    const job = jobIn(temporaryFolder(), numbers(2000));
    const saved: Checkpoint[] = [];
    let saves = 0;
    const slow: CheckpointStorage = {
      ...recording([]),
      save: async (one) => {
        // Now and then much slower than before, and one that fails.
        for (let left = saves++ % 5 === 4 ? 200 : 3; left > 0; left--) await turn();
        if (saves === 7) throw new Error('busy');
        saved.push(one);
      },
    };
    let [bytes, most] = [0, 0];
    const ends: number[] = [];
    const sink = functionSink((list) => {
      for (const record of list) {
        bytes += record.bytes.length;
        ends[record.offset] = bytes;
      }
      const durable = saved.at(-1)?.input.position[0]?.offset ?? 0;
      most = Math.max(most, bytes - (ends[durable - 1] ?? 0));
    });
    const options = { checkpointBytes: 600, checkpointIntervalMs: 20, bufferRecords: 400 };
    await stream(3, options).run(fileSource(job.source), sink, { checkpoints: slow });
    expect(saved.length).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(600 + '<1999>'.length);
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

  it('goes on calling once the state was taken, while what was called before waits for the sink', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 500));
    let called = 0;
    let atLine: number | undefined;
    const grown: number[] = [];
    const executor = executorOf((text) => {
      called++;
      return text;
    });
    const sink: Sink = sinkOf(async (list, ack) => {
      // A line was drawn: what comes now was called before it.
      if (atLine !== undefined) {
        for (let left = 100; left > 0 && called === atLine; left--) await turn();
        if (atLine < 400) grown.push(called - atLine);
        for (const { offset } of list) expect(offset).toBeLessThan(atLine);
      }
      for (const record of list) ack(record);
    });
    const saved: Checkpoint[] = [];
    const storage = recording(saved);
    const keeper = {
      moduleHash: null,
      snapshot: async () => {
        atLine = called;
        return [];
      },
      restore: async () => {},
    };
    const flushing: Sink = {
      ...sink,
      open: async (given) => {
        const open = await sink.open(given);
        return {
          ...open,
          flush: () => {
            atLine = undefined;
            return open.flush();
          },
        };
      },
    };
    const processor = createStreamProcessor(executor, {
      framing: lines(),
      checkpointBytes: 100,
      bufferRecords: 60,
      maxConcurrency: 8,
    });
    await processor.run(fileSource(job.source), flushing, { checkpoints: storage, guestState: keeper });
    expect(grown.length).toBeGreaterThan(1);
    for (const calls of grown) expect(calls).toBeGreaterThan(0);
  });

  it('goes on calling while the output is made durable and the checkpoint saved, once the state was taken', async () => {
    const job = jobIn(temporaryFolder(), records.slice(0, 500));
    let called = 0;
    const executor = executorOf((text) => {
      called++;
      return text;
    });
    const grown: number[] = [];
    const holdingUp = async () => {
      const before = called;
      for (let left = 100; left > 0 && called === before; left--) await turn();
      if (before > 0 && before < 400) grown.push(called - before);
    };
    const sink: Sink = sinkOf(takeAll([]), {
      flush: async () => {
        await holdingUp();
        return { kind: 'none' };
      },
    });
    const keeper = { moduleHash: null, snapshot: async () => [], restore: async () => {} };
    const processor = createStreamProcessor(executor, { framing: lines(), checkpointBytes: 100, bufferRecords: 20 });
    await processor.run(fileSource(job.source), sink, { checkpoints: recording([]), guestState: keeper });
    expect(grown.length).toBeGreaterThan(1);
    for (const calls of grown) expect(calls).toBeGreaterThan(0);
  });

  it('loses no progress to a second end while it catches up: checkpoints go on', async () => {
    const job = jobIn(temporaryFolder(), records);
    const starts: number[] = [];
    for (let life = 0; life < 3; life++) {
      const controller = new AbortController();
      const processor = stream(life, { checkpointBytes: 1000, checkpointIntervalMs: 60_000, bufferRecords: 40 });
      const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
      let dies = false;
      // Nothing of its end is saved: as if it were killed.
      const dying: CheckpointStorage = {
        ...boundTo(checkpoints),
        save: (one) => (dies ? Promise.reject(new Error('killed')) : checkpoints.save(one)),
      };
      const sink = functionSink(() => {
        if (processor.progress().delivered < 500) return;
        dies = true;
        controller.abort(new Error('killed'));
      });
      const running = processor.run(fileSource(job.source), sink, {
        checkpoints: dying,
        job: 'j',
        signal: controller.signal,
      });
      await expect(running).rejects.toThrow('killed');
      const [newest] = await checkpoints.list('j');
      await checkpoints.close();
      starts.push(newest?.epoch ?? 0);
    }
    for (let life = 1; life < starts.length; life++)
      expect(starts[life]).toBeGreaterThan((starts[life - 1] as number) + 1);
  });
});

function boundTo(storage: CheckpointStorage): CheckpointStorage {
  const { name } = storage;
  return {
    name,
    fence: (job) => storage.fence(job),
    save: (one) => storage.save(one),
    restore: (job) => storage.restore(job),
    list: (job) => storage.list(job),
    verify: (id) => storage.verify(id),
    close: () => storage.close(),
  };
}
