/**
 * A checkpoint as the bytes of a file, and back. One that builds on another holds only the pages of guests'
 * memories that have changed since; it names the other by its digest, so that no other can take its place.
 */
import {
  anyOf,
  isNumber,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  orNull,
  type Shape,
} from '../../foundation/shape.ts';
import type {
  Checkpoint,
  Gap,
  PartitionPosition,
  RecordsInFlight,
  SinkPosition,
  SourceOfPartition,
} from '../contracts.ts';
import type { SourceIdentity } from '../source/source-identity.ts';
import { damaged, unfit } from './checkpoint-error.ts';
import { type Container, decodeContainer, encodeContainer, formatVersion } from './container.ts';
import { composeGuests, type DecodedGuests, decodeGuests, encodeGuests, type KnownPages } from './guest-sections.ts';
import { fromJson, isCount, toJson } from './json-section.ts';

/** What a checkpoint builds on: another of its job. */
export interface Base extends Pick<Checkpoint, 'fencingToken' | 'epoch'> {
  readonly digest: string;
  /** How many that one builds on itself; 0 where it stands alone. */
  readonly depth: number;
}

type Run = Pick<
  Checkpoint,
  'job' | 'epoch' | 'fencingToken' | 'savedAtMs' | 'configVersion' | 'version' | 'moduleHash'
> & {
  readonly base: Base | null;
};

const isIdentity = objectOf<SourceIdentity>({
  kind: isText,
  device: optional(isText),
  inode: optional(isText),
  sizeBytes: optional(isCount),
  prefixHash: optional(isText),
  prefixBytes: optional(isCount),
  tailHash: optional(isText),
  tailBytes: optional(isCount),
});
const isRun = objectOf<Run>({
  job: isText,
  epoch: isCount,
  fencingToken: isCount,
  savedAtMs: isNumber,
  configVersion: isText,
  version: orNull(isText),
  moduleHash: orNull(isText),
  base: orNull(objectOf<Base>({ fencingToken: isCount, epoch: isCount, digest: isText, depth: isCount })),
});
const isInput = objectOf<Checkpoint['input']>({
  position: listOf(objectOf<PartitionPosition>({ partition: isText, offset: isCount, at: isCount })),
  sources: listOf(objectOf<SourceOfPartition>({ partition: isText, identity: orNull(isIdentity) })),
});
const isOutput = anyOf(
  objectOf<SinkPosition & { kind: 'file' }>({
    kind: oneOf('file'),
    durableBytes: isCount,
    identity: isIdentity,
    writer: optional(isText),
    draft: optional(isText),
  }),
  objectOf<SinkPosition & { kind: 'rows' }>({ kind: oneOf('rows'), rows: isCount }),
  objectOf<SinkPosition & { kind: 'none' }>({ kind: oneOf('none') }),
);
const isRange: Shape = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] < value[1];
const isGaps = objectOf<Pick<Checkpoint, 'gaps' | 'inFlight'>>({
  gaps: listOf(
    objectOf<Gap>({
      partition: isText,
      fromOffset: isCount,
      toOffset: isCount,
      count: isCount,
      reason: oneOf('dropped', 'sampled-out', 'skipped', 'dead-letter'),
    }),
  ),
  inFlight: listOf(objectOf<RecordsInFlight>({ partition: isText, readOffset: isCount, open: listOf(isRange) })),
});
const isAnything: Shape = () => true;

export interface EncodedCheckpoint extends Container {
  /** What the next one may build on. */
  readonly known: KnownPages;
}

/**
 * @param base null: it stands alone
 * @param known of the base
 * @param same as that of `encodeGuests`
 * @throws {CheckpointError} 'unfit' for what could not be read back
 */
export function encodeCheckpoint(
  checkpoint: Checkpoint,
  base: Base | null,
  known: KnownPages,
  same?: KnownPages,
): EncodedCheckpoint {
  const { job, epoch, fencingToken, savedAtMs, configVersion, version, moduleHash } = checkpoint;
  const { input, output, gaps, inFlight, controller, metadata } = checkpoint;
  if (checkpoint.formatVersion !== formatVersion)
    throw unfit(`expected format version ${formatVersion}, got ${checkpoint.formatVersion}`);
  const { known: hashed, ...guests } = encodeGuests(checkpoint.guestStates, base ? known : new Map(), same);
  const run: Run = {
    job,
    epoch,
    fencingToken,
    savedAtMs,
    configVersion,
    version,
    moduleHash,
    base: base && plainBase(base),
  };
  const json = (section: string, value: unknown, shape: Shape) => {
    if (!shape(value)) throw unfit(`expected '${section}' as the contract has it, got something else`);
    return [toJson(section, value)];
  };
  const container = encodeContainer({
    run: json('run', run, isRun),
    input: json('input', input, isInput),
    output: json('output', output, isOutput),
    gaps: json('gaps', { gaps, inFlight }, isGaps),
    ...guests,
    controller: [toJson('controller', controller ?? null)],
    metadata: [toJson('metadata', metadata ?? null)],
  });
  return { ...container, known: hashed };
}

function plainBase({ fencingToken, epoch, digest, depth }: Base): Base {
  return { fencingToken, epoch, digest, depth };
}

/** How many checkpoints one builds on; 0 where it stands alone. */
export function depthOf({ run: { base } }: Pick<DecodedCheckpoint, 'run'>): number {
  return base ? base.depth + 1 : 0;
}

/** @throws {CheckpointError} 'damaged' where `got` is not what `one` builds on */
export function checkBase(one: DecodedCheckpoint, got: Pick<DecodedCheckpoint, 'run' | 'digest'>): void {
  const { base } = one.run;
  if (base?.digest !== got.digest || base.depth !== depthOf(got))
    throw damaged(`expected what it builds on (${base?.digest ?? 'nothing'}), got ${got.digest}`);
}

/** A checkpoint whose every byte was verified. The memories of its guests are not put together yet. */
export interface DecodedCheckpoint {
  readonly run: Run;
  readonly digest: string;
  readonly checkpoint: Omit<Checkpoint, 'guestStates'>;
  readonly guests: DecodedGuests;
}

/** @throws {CheckpointError} 'damaged' */
export function decodeCheckpoint(bytes: Uint8Array): DecodedCheckpoint {
  const { contents, digest } = decodeContainer(bytes);
  const run = fromJson('run', contents.run, isRun) as Run;
  const { base: _base, ...named } = run;
  const checkpoint = {
    formatVersion,
    ...named,
    input: fromJson('input', contents.input, isInput) as Checkpoint['input'],
    output: fromJson('output', contents.output, isOutput) as SinkPosition,
    ...(fromJson('gaps', contents.gaps, isGaps) as Pick<Checkpoint, 'gaps' | 'inFlight'>),
    controller: fromJson('controller', contents.controller, isAnything),
    metadata: fromJson('metadata', contents.metadata, isAnything),
  };
  return { run, digest, checkpoint, guests: decodeGuests(contents) };
}

/**
 * The whole checkpoint.
 * @param older those it builds on, newest first, down to one that stands alone; `checkBase` has passed each
 * @param mostStateBytes of the memories of its guests
 * @throws {CheckpointError} 'damaged'
 */
export function composeCheckpoint(
  newest: DecodedCheckpoint,
  older: readonly DecodedCheckpoint[],
  mostStateBytes: number,
): Checkpoint {
  const guests = older.map((one) => one.guests);
  return { ...newest.checkpoint, guestStates: composeGuests(newest.guests, guests, mostStateBytes) };
}
