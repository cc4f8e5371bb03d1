/** What `sandtune stream` was given: each option checked by itself, and those that exclude one another. */
import { type Framing, fixed, lengthPrefixed, lines } from '../../../src/stream/index.ts';
import { parseCommandLine } from '../command-line.ts';
import { UsageError } from '../exit-codes.ts';
import { stateFolder, wholeNumber } from '../state-folder.ts';

export interface StreamArguments {
  readonly module: string;
  readonly functionName: string;
  /** A path, or '-'. */
  readonly in: string;
  readonly out: string;
  /** As it was given. */
  readonly framingText: string;
  readonly framing: Framing;
  readonly resume: boolean;
  /** The guest keeps state from record to record. */
  readonly stateful: boolean;
  readonly onFailed: 'fail' | 'skip';
  readonly maxRecordBytes: number;
  /** Longest time of one call, of a batch of records, ms; undefined: none. */
  readonly deadlineMs: number | undefined;
  /** undefined: as many as there are processors */
  readonly threads: number | undefined;
  readonly json: boolean;
  readonly stateDir: string;
}

const options = {
  module: { type: 'string' },
  function: { type: 'string' },
  in: { type: 'string' },
  out: { type: 'string' },
  framing: { type: 'string' },
  resume: { type: 'boolean' },
  stateful: { type: 'boolean' },
  'on-failed': { type: 'string' },
  'max-record-bytes': { type: 'string' },
  'deadline-ms': { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const required = ['module', 'function', 'in', 'out', 'framing'] as const;
const mostRecordBytes = 2 ** 30;
const mostThreads = 512;
const mostDeadlineMs = 86_400_000;

/** @throws {UsageError} that names the option */
export function streamArguments(args: readonly string[]): StreamArguments {
  const { values } = parseCommandLine('stream', args, options);
  const missing = required.filter((name) => values[name] === undefined);
  if (missing.length > 0)
    throw new UsageError(`stream: expected ${missing.map((name) => `--${name}`).join(', ')}, got none`);
  for (const name of required) if (values[name] === '') throw new UsageError(`--${name}: expected a value, got ''`);
  const { module = '', function: functionName = '', in: input = '', out = '', framing = '' } = values;
  const { framing: cuts, recordBytes } = framingOf(framing);
  const maxRecordBytes = inRange('max-record-bytes', values['max-record-bytes'], mostRecordBytes);
  const threads = inRange('threads', values.threads, mostThreads);
  const stateful = values.stateful === true;
  if (maxRecordBytes !== undefined && maxRecordBytes < recordBytes)
    throw new UsageError(
      `--max-record-bytes: expected at least the ${recordBytes} of --framing ${framing}, got ${maxRecordBytes}`,
    );
  if (stateful && threads !== undefined && threads > 1)
    throw new UsageError(
      `--threads: expected 1 beside --stateful, since each thread has an instance of its own, got ${threads}`,
    );
  const onFailed = values['on-failed'] ?? 'fail';
  if (onFailed !== 'fail' && onFailed !== 'skip')
    throw new UsageError(`--on-failed: expected fail or skip, got '${onFailed}'`);
  return {
    module,
    functionName,
    in: input,
    out,
    framingText: framing,
    framing: cuts,
    resume: values.resume === true,
    stateful,
    onFailed,
    maxRecordBytes: maxRecordBytes ?? Math.max(2 ** 20, recordBytes),
    deadlineMs: inRange('deadline-ms', values['deadline-ms'], mostDeadlineMs),
    threads: stateful ? 1 : threads,
    json: values.json === true,
    stateDir: stateFolder(values['state-dir']),
  };
}

function framingOf(text: string): { readonly framing: Framing; readonly recordBytes: number } {
  if (text === 'lines') return { framing: lines(), recordBytes: 0 };
  if (text === 'length') return { framing: lengthPrefixed(), recordBytes: 0 };
  const bytes = /^bytes:(\d{1,12})$/.exec(text)?.[1];
  if (bytes === undefined || Number(bytes) < 1 || Number(bytes) > mostRecordBytes)
    throw new UsageError(
      `--framing: expected lines, length or bytes:N with N from 1 to ${mostRecordBytes}, got '${text}'`,
    );
  return { framing: fixed(Number(bytes)), recordBytes: Number(bytes) };
}

function inRange(name: string, text: string | undefined, most: number): number | undefined {
  const value = wholeNumber(`--${name}`, text);
  if (value !== undefined && (value < 1 || value > most))
    throw new UsageError(`--${name}: expected a whole number from 1 to ${most}, got '${text}'`);
  return value;
}
