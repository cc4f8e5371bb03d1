import { type Checkpoint, functionSink, type Sink, type Source, type SourcePartition } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { recording, stream } from './job-support.ts';
import { sinkOf } from './stream-support.ts';

const partition = (name: string, count: number): SourcePartition => ({
  partition: name,
  identity: null,
  gives: 'records',
  canSeek: true,
  read: async function* ({ offset }) {
    for (let i = offset; i < count; i++) yield Buffer.from(String(i));
  },
});

const sourceOf = (...partitions: SourcePartition[]): Source => ({
  name: 'partitions',
  open: async () => ({ partitions, close: async () => {} }),
});

function claiming(sink: Sink): Sink {
  return { ...sink, open: async (given) => ({ ...(await sink.open(given)), claims: true }) };
}

const restarted = (saved: Checkpoint[]) => {
  const checkpoint = saved.at(-1) as Checkpoint;
  return { ...recording(saved), restore: async () => ({ checkpoint, quarantined: [] }) };
};

describe('a run that claims the output of the one before', () => {
  it('delivers at most once what is durable of each partition, whatever the order they were told in before', async () => {
    const saved: Checkpoint[] = [];
    const early: string[] = [];
    const sink = claiming(
      sinkOf(async (list, ack) => {
        for (const record of list) {
          const durable = saved.at(-1)?.input.position.find((one) => one.partition === record.partition);
          if (record.offset >= (durable?.offset ?? 0)) early.push(`${record.partition} ${record.offset}`);
          ack(record);
        }
      }),
    );
    const begin = (...partitions: SourcePartition[]) =>
      stream(1, { delivery: 'at-most-once', checkpointIntervalMs: 50 }).run(sourceOf(...partitions), sink, {
        checkpoints: saved.length > 0 ? restarted(saved) : recording(saved),
      });
    await begin(partition('a', 100), partition('b', 5));
    expect(await begin(partition('b', 60), partition('a', 100))).toMatchObject({ delivered: 55 });
    expect(early).toEqual([]);
  });

  it('keeps the state of the guests in the checkpoint that says so: a kill behind it loses none', async () => {
    const saved: Checkpoint[] = [];
    const states = [{ state: 'of record 9' }] as unknown as Checkpoint['guestStates'];
    const guestState = { moduleHash: null, snapshot: async () => states, restore: async () => {} };
    const sink = claiming(functionSink(() => {}));
    const source = sourceOf(partition('a', 10));
    await stream(1).run(source, sink, { checkpoints: recording(saved), guestState });
    const { length } = saved;
    await stream(1).run(source, sink, { checkpoints: restarted(saved), guestState });
    expect(saved[length]).toMatchObject({ fencingToken: 1, guestStates: states });
  });
});
