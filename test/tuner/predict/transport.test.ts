/** The model of the way calls travel, on windows of a simulated pool. */
import { describe, expect, it } from 'vitest';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { withRing } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Seen, Settings, Window } from '../../../src/contracts.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import type { View } from '../../../tuner/predict/model.ts';
import { predict, viewsOf } from '../../../tuner/predict/predict.ts';
import { seenWith } from './seen.ts';
import { pool as usual } from './seen-pool.ts';

const pool: Pool = { ...usual, cores: 2, inFlight: 64, workerPerCall: 0.005 };
const start = { threads: 3, batchSize: 1, transport: 'message' };
const ring = { ...start, transport: 'ring' };

interface Given {
  readonly others?: readonly Settings[];
  readonly of?: Pool;
  readonly share?: number;
  readonly kib?: number;
}

async function seenAt(settings: Settings, { others = [], of = pool, share = 0.1, kib = 0 }: Given = {}): Promise<Seen> {
  const spec = withRing(of, { share });
  const world = createWorld(spec, 5);
  const windows: Window[] = [];
  for (const one of [settings, ...others]) windows.push(...(await measureAll(world, one, 10)));
  const carrying = windows.map((window) => ({ ...window, bytesIn: 1024 * kib * window.outcomes.ok }));
  return seenWith(world.executor.knobs, settings, carrying, { cores: of.cores });
}

const viewOf = (seen: Seen): View | undefined =>
  [viewsOf(seen)].flat().find((view): view is View => typeof view !== 'string' && view.model === 'transport');

describe('by messages', () => {
  it('calls of microseconds, each in a message, are proposed to go by shared memory, with what they cost', async () => {
    const view = viewOf(await seenAt(start));
    expect(view?.proposal?.settings).toEqual(ring);
    expect(view?.proposal?.gain.low).toBeGreaterThan(0.5);
    expect(view?.reason).toMatch(/^a call runs for .* in its worker, and .* come around that in messages of 1 call;/);
  });

  it('what was seen there counts for more than what is expected', async () => {
    const seen = await seenAt(start, { others: [ring], share: 2 });
    expect(viewOf(seen)).not.toHaveProperty('proposal');
    expect(viewOf(seen)).not.toHaveProperty('probe');
  });

  it('a batch size in force goes back with it, for it would have no effect', async () => {
    const batched = { ...start, batchSize: 4 };
    expect(viewOf(await seenAt(batched))?.proposal?.settings).toEqual(ring);
  });

  it('a look at it comes before a trial of a batch size that was seen', async () => {
    const seen = await seenAt(start, { others: [{ ...start, batchSize: 16 }] });
    expect(predict(seen, () => 0)).toMatchObject({ probe: ring });
  });

  it('calls that take milliseconds gain nothing from it', async () => {
    const view = viewOf(await seenAt(start, { of: { ...pool, workerPerCall: 5 } }));
    expect(view).not.toHaveProperty('proposal');
    expect(view).not.toHaveProperty('probe');
  });

  it('calls with many bytes promise less of it', async () => {
    const [few, many] = [viewOf(await seenAt(start, { kib: 1 })), viewOf(await seenAt(start, { kib: 24 }))];
    expect(many?.curve[0]?.gain.estimate).toBeLessThan(0.6 * (few?.curve[0]?.gain.estimate ?? 0));
    expect(many?.reason).toMatch(/with 24 KiB there and back/);
  });
});

describe('in shared memory', () => {
  const batched = { ...start, batchSize: 16 };

  it('batches are neither proposed nor visited, and every view says why', async () => {
    const seen = await seenAt(ring, { others: [start] });
    const views = [viewsOf(seen)].flat() as readonly View[];
    const moved = views.flatMap(({ proposal, probe }): Settings[] =>
      [proposal?.settings, probe?.settings].filter((one) => one !== undefined),
    );
    expect(moved.filter((one) => one['transport'] === 'ring' && one['batchSize'] !== 1)).toEqual([]);
    expect(explain(seen).find(({ knob }) => knob === 'batchSize')?.reason).toMatch(
      /has an effect only while transport is message/,
    );
  });

  it('goes back to messages in batches where that was seen to be better', async () => {
    const seen = await seenAt(ring, { others: [start, batched], share: 0.9 });
    expect(viewOf(seen)?.proposal?.settings).toEqual(batched);
  });

  it('visits batches that were not seen, where what messages cost says that they may be better', async () => {
    const { proposal, probe } = viewOf(await seenAt(ring, { others: [start], share: 0.9 })) ?? {};
    const settings = proposal?.settings ?? probe?.settings;
    expect(settings).toMatchObject({ transport: 'message' });
    expect(settings?.['batchSize']).toBeGreaterThan(1);
  });

  it('stays where what was seen by messages is worse', async () => {
    const view = viewOf(await seenAt(ring, { others: [start, batched, { ...start, batchSize: 64 }], share: 0.02 }));
    expect(view).not.toHaveProperty('proposal');
  });

  it('says so where messages were not seen', async () => {
    expect(viewOf(await seenAt(ring))?.reason).toMatch(/what it would cost in messages was not seen$/);
  });
});
