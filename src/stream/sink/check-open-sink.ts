/** What a sink of somebody else gave as it was opened: said here what it lacks, not where that is first missed. */
import { SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import type { OpenSink } from '../contracts.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_SINK */
export function checkOpenSink(name: string, sink: OpenSink): OpenSink {
  const { write, flush, close } = (sink ?? {}) as Partial<OpenSink>;
  if ([write, flush, close].every((one) => typeof one === 'function')) return sink;
  const message = `${name}: expected open() to give { write, flush, close }, got ${quoted(sink)}`;
  throw new SandtuneError('ERR_SANDTUNE_SINK', message);
}
