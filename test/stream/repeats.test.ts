import { setImmediate as turn } from 'node:timers/promises';
import {
  type Checkpoint,
  type CheckpointStorage,
  fileSource,
  functionSink,
  lines,
  type OutputRecord,
  pipeline,
  type StreamOptions,
} from 'sandtune/stream';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { jobIn, recording } from './job-support.ts';
import { executorOf, jitter, numbers, textOf } from './stream-support.ts';

const count = 300;
const checkpointBytes = 200;

/** Two stages, in which one record of the first ten takes until all others are through. */
function twoStages(seed: number, options: StreamOptions, isHeld: (text: string) => boolean) {
  const wait = jitter(seed);
  let others = 0;
  const slow = executorOf(async (text) => {
    await wait();
    for (let left = 2000; isHeld(text) && others < count - 1 && left > 0; left--) await turn();
    others++;
    return text;
  });
  const quick = executorOf(async (text) => {
    await wait();
    return `<${text}>`;
  });
  return pipeline([quick, slow], { framing: lines(), bufferRecords: 40, checkpointBytes, ...options });
}

function isDoneIn({ input, inFlight }: Checkpoint, offset: number): boolean {
  const [position, behind] = [input.position[0], inFlight[0]];
  if (!position || !behind) return false;
  if (offset < position.offset) return true;
  return offset < behind.readOffset && !behind.open.some(([from, to]) => from <= offset && offset < to);
}

it.each([
  ['none', {}],
  ['key', { keyOf: ({ bytes }: { readonly bytes: Uint8Array }) => textOf(bytes).slice(-1) }],
  ['partition', {}],
] as const)(
  'repeats, over stages, what one interval delivered behind the last durable checkpoint and no more: ordering %s',
  async (ordering, more) => {
    const job = jobIn(temporaryFolder(), numbers(count));
    const saved: Checkpoint[] = [];
    const delivered: OutputRecord[] = [];
    let most = 0;
    const sink = functionSink((list) => {
      delivered.push(...list);
      const last = saved.at(-1) as Checkpoint;
      const behind = delivered.filter(({ offset }) => !isDoneIn(last, offset));
      most = Math.max(
        most,
        behind.reduce((sum, { bytes }) => sum + bytes.length, 0),
      );
    });
    const options = { ordering, ...more, checkpointIntervalMs: 60_000 };
    // Under the order of the partition all others wait for the one.
    const held = ordering === 'partition' ? () => false : (text: string) => text === '<7>';
    await twoStages(1, options, held).run(fileSource(job.source), sink, { checkpoints: recording(saved) });
    expect(delivered).toHaveLength(count);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(checkpointBytes + '<299>'.length);

    // From any of them a restart gives exactly what was not done.
    for (const from of [saved.at(1), saved.at(-2)] as Checkpoint[]) {
      const again: number[] = [];
      const storage: CheckpointStorage = {
        ...recording([]),
        restore: async () => ({ checkpoint: from, quarantined: [] }),
      };
      await twoStages(2, options, () => false).run(
        fileSource(job.source),
        functionSink((list) => {
          again.push(...list.map(({ offset }) => offset));
        }),
        { checkpoints: storage },
      );
      const open = numbers(count)
        .map(Number)
        .filter((offset) => !isDoneIn(from, offset));
      expect(again.sort((a, b) => a - b)).toEqual(open);
    }
    if (ordering === 'none')
      expect(saved.filter(({ input }) => input.position[0]?.offset === 7).length).toBeGreaterThan(1);
  },
);
