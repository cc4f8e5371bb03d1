/**
 * `npm run walk -- call | transition [--json]`: our files that one call of `wrap()` or of the sandbox
 * enters, or one event of the tuner. What passes through many files is hard to follow. Rooms of their
 * own (measuring a call, judging a trial) are shown apart.
 */
import { parseArgs } from 'node:util';
import { walkCalls } from './call.ts';
import { walkTransitions } from './transition.ts';

/** The files one call or event entered, by room; `outside` are those outside the rooms of the table. */
export interface Walk {
  readonly name: string;
  readonly rooms: { readonly outside: readonly string[]; readonly [room: string]: readonly string[] };
}

const roomsOfCall = { ring: 'src/sandbox/run/ring/', measure: 'src/measure/', foundation: 'src/foundation/' };
/** Advice is a prediction put in words: a session that rests asks for it. */
const roomsOfEvent = { trial: 'tuner/trial/', predict: 'tuner/predict/', src: 'src/' };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const [what] = positionals;

if (what === 'call') {
  print(
    (await walkCalls()).map(({ name, files, nowAndThen, inWorker }) => ({
      name,
      rooms: { ...byRoom(files, roomsOfCall), 'in its worker': inWorker, 'now and then': nowAndThen },
    })),
  );
} else if (what === 'transition') {
  print(
    (await walkTransitions((files) => byRoom(files, roomsOfEvent).outside.length)).map(({ name, count, files }) => ({
      name: `${name} (${count} ×)`,
      rooms: byRoom(files, roomsOfEvent),
    })),
  );
} else {
  process.stderr.write(`expected call or transition, got '${what ?? ''}'\n`);
  process.exit(2);
}

function byRoom(files: readonly string[], folders: Readonly<Record<string, string>>): Walk['rooms'] {
  const isIn = (folder: string) => (file: string) => file.startsWith(folder);
  return {
    outside: files.filter((file) => !Object.values(folders).some((folder) => isIn(folder)(file))),
    ...Object.fromEntries(Object.entries(folders).map(([room, folder]) => [room, files.filter(isIn(folder))])),
  };
}

function print(walks: readonly Walk[]): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify(walks)}\n`);
    return;
  }
  for (const { name, rooms } of walks) {
    process.stdout.write(`${name}\n`);
    for (const [room, files] of Object.entries(rooms).filter(([, entered]) => entered.length > 0))
      process.stdout.write(`  ${room.padEnd(13)} ${String(files.length).padStart(2)}  ${files.join(' ')}\n`);
  }
}
