/** Run with --experimental-stream-iter: what a processor and `node:stream/iter` make of each other, as JSON. */
import { measured } from 'sandtune';
import { createStreamProcessor, lines } from 'sandtune/stream';

/** The part of `node:stream/iter` that is used; @types/node has none of it yet. */
interface StreamIter {
  from(source: unknown): AsyncIterable<Uint8Array[]>;
  pull(source: unknown, ...transforms: unknown[]): AsyncIterable<Uint8Array[]>;
  pipeTo(source: unknown, ...rest: unknown[]): Promise<number>;
  text(source: unknown): Promise<string>;
  push(options?: { readonly highWaterMark?: number; readonly backpressure?: string }): {
    readonly writer: { write(chunk: string): Promise<void>; end(): Promise<void> };
    readonly readable: AsyncIterable<Uint8Array[]>;
  };
}

const { from, pull, pipeTo, push, text } = (await import('node:stream/iter' as string)) as StreamIter;

const upper = measured({
  name: 'upper',
  run: (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString().toUpperCase()),
});
const stream = createStreamProcessor(upper, { framing: lines(), backpressure: 'strict' });
const told: Record<string, unknown> = {};

told['given'] = await text(stream.batches(from(['one\ntw', 'o\nthree'])));
told['transformed'] = await text(pull(from('a\nb\n'), stream.asIterTransform()));

const { writer, readable } = push({ highWaterMark: 4, backpressure: 'strict' });
const writing = (async () => {
  for (let i = 0; i < 100; i++) await writer.write(`x${i}\n`);
  await writer.end();
})();
told['pushed'] = (await text(stream.batches(readable))).split('\n').length;
await writing;

const written: string[] = [];
const sink = {
  write: async (chunk: Uint8Array) => void written.push(Buffer.from(chunk).toString()),
  end: async () => {},
  fail: async () => {},
};
await pipeTo(from('p\nq\n'), stream.asIterTransform(), sink);
told['piped'] = written.join('');

let left = 0;
async function* endless() {
  try {
    for (;;) yield [Buffer.from('line\n')];
  } finally {
    left++;
  }
}
for await (const _ of pull(endless(), stream.asIterTransform())) break;
told['left'] = left;

const stop = new AbortController();
const aborted = pull(endless(), stream.asIterTransform(), { signal: stop.signal });
try {
  for await (const _ of aborted) stop.abort(new Error('enough'));
} catch (error) {
  told['aborted'] = (error as Error).message;
}
for (let i = 0; i < 50 && left < 2; i++) await new Promise((resolve) => setImmediate(resolve));
told['leftByAbort'] = left;

process.stdout.write(JSON.stringify(told));
