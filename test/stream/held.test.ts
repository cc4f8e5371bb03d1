import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createStreamProcessor, functionSink } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { executorOf, numbers, WatchedSource } from './stream-support.ts';

it('a processor holds neither source nor sink of a run that has ended, of its first one neither', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const stream = createStreamProcessor(executorOf((text) => text));
  const ran = async () => {
    const source = new WatchedSource(numbers(3));
    const sink = functionSink(() => {});
    await stream.run(source, sink);
    return [new WeakRef(source), new WeakRef(sink)];
  };
  const ends = [...(await ran()), ...(await ran())];
  for (let i = 0; i < 8 && ends.some((end) => end.deref()); i++) {
    await turn();
    collect();
  }
  expect(ends.map((end) => end.deref())).toEqual(ends.map(() => undefined));
  expect(stream.totals().offered).toBe(6);
});
