/**
 * Whatever else writes to a terminal on which something is redrawn in place: a program's own `console.log`, a
 * warning of Node's. It is told of before it is written, so that what stands there can make room.
 */
export type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

/** The part of `process` that is used. */
export interface Warnings {
  prependListener(event: 'warning', listener: () => void): unknown;
  off(event: 'warning', listener: () => void): unknown;
}

/**
 * `before` hears of each text ahead of its being written to one of the `streams` that is a terminal, and of
 * each warning as of an empty line.
 * @returns the way to stop that
 */
export function aheadOfOthers(
  streams: readonly Stream[],
  before: (text: string) => void,
  warnings: Warnings = process,
): () => void {
  // Node writes a warning past the stream; the first listener comes before that.
  const onWarning = () => before('\n');
  warnings.prependListener('warning', onWarning);
  const undo = streams.filter((one) => one.isTTY).map((stream) => tapped(stream, before));
  return () => {
    warnings.off('warning', onWarning);
    for (const one of undo) one();
  };
}

function tapped(stream: Stream, before: (text: string) => void): () => void {
  const own = stream.write;
  const wasOwn = Object.hasOwn(stream, 'write');
  const tap = function (this: unknown, ...args: Parameters<typeof own>) {
    const [chunk] = args;
    before(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return Reflect.apply(own, stream, args) as boolean;
  } as typeof own;
  stream.write = tap;
  return () => {
    // Somebody who tapped it later still calls this one, which then only passes on.
    before = () => {};
    if (stream.write !== tap) return;
    if (wasOwn) stream.write = own;
    else Reflect.deleteProperty(stream, 'write');
  };
}
