/** A function that takes whole batches and mostly waits, called as calls come in: what larger batches do to latency. */
import { expect, it } from 'vitest';
import { bulkQueue } from '../../../bench/worlds/bulk-queue.ts';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Proposal, Seen } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { knob, seenWith } from './seen.ts';

const batchKnob = knob('batchSize', { domain: { min: 1, max: 64, scale: 'log', integer: true } });

interface Queue {
  readonly perSecond: number;
  readonly perBatchMs: number;
  readonly perCallMs: number;
}

/** Windows at each of `sizes`, of which the first is in force. */
async function seenAt(queue: Queue, sizes: readonly number[], metric: 'mean' | 'throughput' = 'mean'): Promise<Seen> {
  const { perSecond } = queue;
  const world = createWorld(
    {
      name: 'batches',
      knobs: [batchKnob],
      load: { kind: 'open', perSecond },
      law: bulkQueue(queue),
      noise: { sigma: 0.02 },
    },
    1,
  );
  const windows = [];
  for (const batchSize of sizes) windows.push(...(await measureAll(world, { batchSize }, 8)));
  const direction = metric === 'mean' ? 'minimize' : 'maximize';
  const goal = { objective: { metric, direction }, guardrails: [] } as Seen['goal'];
  return seenWith([batchKnob], { batchSize: sizes[0] as number }, windows, { load: 'open', goal });
}

const answerTo = async (...asked: Parameters<typeof seenAt>) => predict(await seenAt(...asked), randomStream(1));
const sizeIn = (answer: Awaited<ReturnType<typeof answerTo>>) =>
  Number('probe' in answer ? answer.probe['batchSize'] : 'gain' in answer ? answer.settings['batchSize'] : 0);

const waits = { perBatchMs: 5, perCallMs: 0.1 };

it('larger batches are tried where calls that come in wait for the batch before, at half and at nine tenths of what single calls allow', async () => {
  expect(sizeIn(await answerTo({ ...waits, perSecond: 100 }, [1]))).toBeGreaterThan(1);
  expect(sizeIn(await answerTo({ ...waits, perSecond: 150 }, [1]))).toBeGreaterThan(1);
  expect(sizeIn(await answerTo({ ...waits, perSecond: 180 }, [1]))).toBeGreaterThan(1);
});

it('once another size was seen, the predicted latency of larger batches holds the true one', async () => {
  const queue = { ...waits, perSecond: 150 };
  const { gain, settings } = (await answerTo(queue, [1, 4])) as Proposal;
  const latencyOf = (batchSize: number) => bulkQueue(queue)({ batchSize }).latencyMs as number;
  const trueGain = latencyOf(1) / latencyOf(Number(settings['batchSize'])) - 1;
  expect(trueGain).toBeGreaterThan(0.9);
  expect(gain.low).toBeLessThanOrEqual(trueGain);
  expect(gain.high).toBeGreaterThanOrEqual(trueGain);
});

it('larger batches are not proposed where hardly any call waits, nor where a batch was seen to save nothing', async () => {
  expect(await answerTo({ ...waits, perSecond: 10 }, [1])).toHaveProperty('none');
  expect(await answerTo({ perSecond: 150, perBatchMs: 0.1, perCallMs: 5 }, [1, 4])).toHaveProperty('none');
});

it('single calls are not proposed for batches that are always running and never full', async () => {
  const answer = await answerTo({ perSecond: 300, perBatchMs: 10, perCallMs: 0.1 }, [8]);
  expect([0, 8, 16, 32, 64]).toContain(sizeIn(answer));
});

it('calls that are answered as they come are not batched for the sake of throughput', async () => {
  expect(await answerTo({ ...waits, perSecond: 150 }, [1], 'throughput')).toHaveProperty('none');
});
