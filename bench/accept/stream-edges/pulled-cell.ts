/**
 * Visits one cell of results that are pulled: of `process()`, `batches()`, or the web streams of
 * `asTransformStream()`. What is left early leaves its source, once, and ends in no error.
 */
import { messageOf } from '../../../src/foundation/errors.ts';
import { isSandtuneError } from '../../../src/index.ts';
import type { StreamProcessor } from '../../../src/stream/index.ts';
import { errors } from './events.ts';
import type { Visited } from './run-cell.ts';
import { Scene } from './scene.ts';
import { quiet, type Stage, until } from './stage.ts';

export const pulledWays = ['process()', 'batches()', 'asTransformStream()'] as const;
export type PulledWay = (typeof pulledWays)[number];

export const pulledStates = ['not asked', 'waiting', 'calling', 'one is out', 'draining', 'over'] as const;
export type PulledState = (typeof pulledStates)[number];

export const pulledEvents = [
  'is left',
  'is left twice',
  'source ends',
  'source throws',
  'guest traps',
  'is asked twice at once',
] as const;
export type PulledEvent = (typeof pulledEvents)[number];

/** One iterator over whichever of them. */
interface Pulled {
  next(): Promise<{ readonly done?: boolean | undefined }>;
  leave(): Promise<unknown>;
}

export async function visitPulled(
  stage: Stage,
  way: PulledWay,
  state: PulledState,
  event: PulledEvent,
  pauses: () => number,
): Promise<Visited> {
  const scene = new Scene();
  stage.scene = scene;
  const processor = stage.processor('fail');
  const pulled = await pulledOf(way, processor, scene);
  const given: ('result' | 'done' | { readonly error: unknown })[] = [];
  const ask = () =>
    pulled.next().then(
      ({ done }) => void given.push(done === true ? 'done' : 'result'),
      (error: unknown) => void given.push({ error }),
    );
  const asking = await bring(scene, state, ask);
  const isReached = await until(() => isThere(scene, way, state, given.length));
  await quiet(pauses());
  if (event === 'source ends') scene.end();
  if (event === 'source throws') scene.end({ error: errors.source });
  if (event === 'guest traps') scene.failing.call = errors.trap;
  const isLeft = event === 'is left' || event === 'is left twice';
  const faults: string[] = [];
  if (isLeft) {
    let left = 0;
    for (let i = event === 'is left' ? 1 : 2; i > 0; i--) void pulled.leave().then(() => left++);
    if (!(await until(() => left > 0))) faults.push('was not left while what it waits for does not come');
  }
  await quiet(pauses());
  for (const gate of Object.values(scene.gates)) gate.open();
  scene.feed('last');
  scene.end();
  const before = scene.asked.calls;
  if (event === 'is asked twice at once') asking.push(ask(), ask());
  for (let asked = 0; asked < 4 && !isOver(given); asked++) asking.push(ask(), quiet(2));
  if (!(await until(() => isOver(given)))) faults.push('never ended');
  await ask();
  await Promise.all(asking);
  await quiet(10);
  faults.push(...givenFaults(given, wantedOf(state, event), way === 'asTransformStream()'));
  if (isLeft && scene.asked.calls > before) faults.push('called after it was left');
  const returns = scene.asked.reads > 0 && !scene.hasToldEnd ? 1 : 0;
  if (scene.asked.returns > 1 || scene.asked.returns < returns)
    faults.push(`called return() of the source ${scene.asked.returns} times, not ${returns}`);
  if (scene.closed.source !== scene.asked.opens)
    faults.push(`closed the source ${scene.closed.source} times, opened ${scene.asked.opens}`);
  const { inFlightRecords, callsInFlight } = processor.progress();
  if (inFlightRecords + callsInFlight > 0) faults.push(`${inFlightRecords} records in flight at its end`);
  stage.scene = undefined;
  return { faults, isReached, remains: [scene, scene.source].map((one) => new WeakRef<object>(one)) };
}

async function bring(scene: Scene, state: PulledState, ask: () => Promise<void>): Promise<Promise<void>[]> {
  if (state === 'not asked') return [];
  if (state === 'calling' || state === 'draining') scene.gates.call.close();
  if (state !== 'waiting') scene.feed('a');
  if (state === 'draining' || state === 'over') scene.end();
  const first = ask();
  if (state !== 'over') return [first];
  await first;
  return [ask()];
}

/** Web streams read ahead of who asks by one. */
function isThere(scene: Scene, way: PulledWay, state: PulledState, given: number): boolean {
  const { asked, gates, hasToldEnd } = scene;
  switch (state) {
    case 'not asked':
      return given === 0 && (asked.opens === 0 || way === 'asTransformStream()');
    case 'waiting':
      return asked.reads === 1 && given === 0;
    case 'calling':
      return gates.call.waited === 1;
    case 'one is out':
      return given === 1;
    case 'draining':
      return gates.call.waited === 1 && hasToldEnd;
    case 'over':
      return given === 2 && (hasToldEnd || way === 'asTransformStream()');
  }
}

type Wanted = { readonly end: 'done' } | { readonly end: 'error'; readonly error?: unknown; readonly code?: string };

function wantedOf(state: PulledState, event: PulledEvent): Wanted {
  if (state === 'over') return { end: 'done' };
  if (event === 'source throws') return state === 'draining' ? { end: 'done' } : { end: 'error', error: errors.source };
  if (event === 'guest traps') return { end: 'error', code: 'ERR_SANDTUNE_RECORD_FAILED' };
  return { end: 'done' };
}

function isOver(given: readonly unknown[]): boolean {
  return given.some((one) => one !== 'result');
}

/** Results, then one end; after that it is done for good, or as web streams have it failed for good. */
function givenFaults(given: readonly unknown[], wanted: Wanted, staysFailed: boolean): readonly string[] {
  const at = given.findIndex((one) => one !== 'result');
  const [end, ...after] = given.slice(at);
  const isAfter = (one: unknown) => one === 'done' || (staysFailed && text(one) === text(end));
  const faults = after.some((one) => !isAfter(one)) ? [`gave ${JSON.stringify(after)} after its end`] : [];
  if (wanted.end === 'done') return end === 'done' ? faults : [...faults, `ended in ${text(end)}`];
  const { error } = (typeof end === 'object' && end !== null ? end : {}) as { readonly error?: unknown };
  const isRight =
    wanted.error === undefined ? isSandtuneError(error) && error.code === wanted.code : error === wanted.error;
  return isRight ? faults : [...faults, `ended in ${text(end)}`];
}

function text(end: unknown): string {
  return typeof end === 'object' && end !== null && 'error' in end ? messageOf(end.error) : messageOf(end);
}

async function pulledOf(way: PulledWay, processor: StreamProcessor, scene: Scene): Promise<Pulled> {
  if (way === 'asTransformStream()') return webStream(processor, scene);
  const iterator = way === 'process()' ? processor.process(scene.source) : processor.batches(scene.source);
  return { next: () => iterator.next(), leave: async () => iterator.return?.() };
}

/** What the scene's source gives, piped by the platform. */
async function webStream(processor: StreamProcessor, scene: Scene): Promise<Pulled> {
  const open = await scene.source.open({ signal: new AbortController().signal });
  const [partition] = open.partitions;
  const pieces = partition?.read({ partition: '0', offset: 0, at: 0 }) as AsyncIterable<Uint8Array>;
  const iterator = pieces[Symbol.asyncIterator]();
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next().catch(async (error: unknown) => {
          await open.close();
          throw error;
        });
        if (done === true) {
          controller.close();
          await open.close();
        } else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
        await open.close();
      },
    },
    { highWaterMark: 0 },
  );
  const reader = readable.pipeThrough(processor.asTransformStream()).getReader();
  return { next: () => reader.read(), leave: () => reader.cancel() };
}
