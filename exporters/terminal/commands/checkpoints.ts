/**
 * `sandtune checkpoints`: what a restart of a stream would find. Lists the checkpoints of a folder or a database,
 * the newest first, and reads each to see whether it is whole with all it builds on. Changes nothing.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { bytesText } from '../../../src/foundation/units.ts';
import {
  databaseCheckpoints,
  fileCheckpoints,
  type KeptCheckpoints,
  type Position,
  type StoredCheckpoint,
} from '../../../src/stream/index.ts';
import { countedText, dateText } from '../../words/numbers.ts';
import { jsonText, printable } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { stateFolder } from '../state-folder.ts';

/** What a state folder may hold beside checkpoints of its own. */
const databaseName = 'checkpoints.sqlite';
const folderName = 'checkpoints';

interface Looked extends StoredCheckpoint {
  readonly isWhole: boolean;
  readonly reason: string | undefined;
  readonly position: Position;
}

export async function checkpointsCommand(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseCommandLine(
    'checkpoints',
    args,
    { job: { type: 'string' }, json: { type: 'boolean' } },
    'a folder or a database',
  );
  if (positionals.length > 1) throw new UsageError(`checkpoints: expected one folder, got ${positionals.length}`);
  const place = positionals[0] ?? stateFolder(values['state-dir']);
  const found = await lookedAt(place, values.job);
  if (found.length === 0) {
    const wanted = values.job === undefined ? 'checkpoints' : `checkpoints of job '${values.job}'`;
    throw new SandtuneError('ERR_SANDTUNE_INPUT', `expected ${wanted} in ${placesText(place)}, found none`);
  }
  const code = found.every(({ isWhole, isQuarantined }) => isWhole || isQuarantined) ? exitCodes.ok : exitCodes.failure;
  const text = values.json
    ? jsonText({ schemaVersion: 1, exitCode: code, checkpoints: found })
    : linesOf(found).join('\n');
  process.stdout.write(`${text}\n`);
  return code;
}

async function lookedAt(place: string, job: string | undefined): Promise<readonly Looked[]> {
  const found: Looked[] = [];
  for (const storage of storagesAt(place)) {
    try {
      for (const one of await storage.list(job)) {
        const { isWhole, reason, position = [] } = await storage.verify(one.id);
        found.push({ ...one, isWhole, reason, position });
      }
    } finally {
      await storage.close();
    }
  }
  return found;
}

/** A folder may hold all kinds. */
function storagesAt(place: string): readonly KeptCheckpoints[] {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [databaseCheckpoints(place)];
  const database = join(place, databaseName);
  const folder = join(place, folderName);
  return [
    ...(existsSync(database) ? [databaseCheckpoints(database)] : []),
    fileCheckpoints(place),
    ...(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? [fileCheckpoints(folder)] : []),
  ];
}

/** Where was looked. */
function placesText(place: string): string {
  if (!existsSync(place)) return `'${place}', which is not there`;
  if (!statSync(place).isDirectory()) return `'${place}'`;
  return `'${place}', '${join(place, databaseName)}' or '${join(place, folderName)}'`;
}

function linesOf(found: readonly Looked[]): readonly string[] {
  const jobs = [...new Set(found.map(({ job }) => job))];
  return jobs.flatMap((job) => {
    const own = found.filter((one) => one.job === job);
    const restart = own.find(({ isWhole, isQuarantined }) => isWhole && !isQuarantined);
    const ends = restart
      ? `a restart goes on behind ${behindText(restart.position)} (run ${restart.fencingToken}, epoch ${restart.epoch})`
      : 'none is whole: a restart refuses to begin';
    return [printable(`job '${job}': ${countedText(own.length, 'checkpoint')}; ${ends}`), ...own.map(lineOf)];
  });
}

/** '3,029,963 records', '12 records of 3 partitions': those that are done with. */
function behindText(position: Position): string {
  const records = countedText(
    position.reduce((sum, { offset }) => sum + offset, 0),
    'record',
  );
  return position.length > 1 ? `${records} of ${countedText(position.length, 'partition')}` : records;
}

function lineOf({
  fencingToken,
  epoch,
  savedAtMs,
  bytes,
  isQuarantined,
  isWhole,
  reason,
  position,
  id,
}: Looked): string {
  const state = isQuarantined ? 'put aside' : isWhole ? 'whole' : 'DAMAGED';
  const why = isWhole ? `, behind ${behindText(position)}` : isQuarantined ? '' : `: ${reason ?? ''}`;
  return printable(
    `  run ${fencingToken}  epoch ${String(epoch).padEnd(8)}${dateText(savedAtMs)}  ${bytesText(bytes).padEnd(9)}${state}${why}  (${id})`,
  );
}
