import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Walk } from '../../bench/walk/main.ts';

const command = fileURLToPath(new URL('../../bench/walk/main.ts', import.meta.url));

const walks = new Map<string, Promise<readonly Walk[]>>();

/** Each is walked once for all tests: it takes seconds. */
function walk(what: 'call' | 'transition'): Promise<readonly Walk[]> {
  const known = walks.get(what) ?? walked(what);
  walks.set(what, known);
  return known;
}

async function walked(what: string): Promise<readonly Walk[]> {
  const args = ['--conditions=sandtune-source', command, what, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as readonly Walk[];
}

/** Walks that enter more files of `room` than `most`, with the files, so that a failure names them. */
const longer = (walks: readonly Walk[], room: string, most: number) =>
  walks.filter(({ rooms }) => (rooms[room]?.length ?? 0) > most).map(({ name, rooms }) => [name, rooms[room]]);

/** The walks as CONTRIBUTING.md shows them: name, then a line of files a room. */
async function documented(): Promise<readonly Walk[]> {
  const text = await readFile(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8');
  const block = /```\n(wrap\(function\)\n[^`]*)```/.exec(text)?.[1] ?? '';
  return block.split(/\n(?=\S)/).map((shown) => {
    const [name = '', ...lines] = shown.trimEnd().split('\n');
    const rooms = lines.map((line) => /^ {2}(.{13}) .\d {2}(.*)$/.exec(line) ?? []);
    return {
      name,
      rooms: Object.fromEntries(rooms.map(([, room = '', files = '']) => [room.trim(), files.split(' ')])),
    };
  }) as unknown as readonly Walk[];
}

// Whole programs under V8's precise coverage: a busy machine takes its time for them.
describe('npm run walk', { timeout: 90_000 }, () => {
  it('npm run walk shows a call of a wrapped target or of a sandbox pass through few files', async () => {
    const walks = await walk('call');
    const isSandbox = ({ name }: Walk) => name.startsWith('createSandbox(');
    expect(walks.map(({ name }) => name)).toEqual([
      'wrap(function)',
      'wrap(function, { concurrency })',
      'wrap(function, { batch })',
      'wrap({ piscina })',
      'createSandbox()',
      "createSandbox({ transport: 'message' })",
    ]);
    // A walk that saw nothing would be a short one.
    for (const { rooms } of walks) {
      expect(rooms.outside.length).toBeGreaterThan(1);
      expect(rooms['measure']).toContain('src/measure/call.ts');
    }
    expect(
      longer(
        walks.filter((one) => !isSandbox(one)),
        'outside',
        5,
      ),
    ).toEqual([]);
    expect(longer(walks.filter(isSandbox), 'outside', 9)).toEqual([]);
    expect(longer(walks, 'ring', 10)).toEqual([]);
    expect(longer(walks, 'measure', 7)).toEqual([]);
    // Not every call looks at memory, nor at whether another runs on (overdue.ts, protocol.ts), and the collector may free the name of an executor of the walk before;
    // no other file may be left out of the count because some calls pass it by.
    const besideCalls = [
      'adapters/piscina/pool-executor.ts',
      'executor/names.ts',
      'foundation/clock.ts',
      'measure/meters.ts',
      'measure/recorder.ts',
      'sandbox/create-sandbox.ts',
      'sandbox/run/protocol.ts',
      'sandbox/run/ring/overdue.ts',
      'sandbox/run/worker-unit.ts',
    ];
    expect(besideCalls.map((file) => `src/${file}`)).toEqual(
      expect.arrayContaining(walks.flatMap(({ rooms }) => rooms['now and then'] ?? [])),
    );
    expect(walks.findLast(isSandbox)?.rooms['in its worker']).toContain('src/sandbox/run/worker.ts');
  });

  it('npm run walk shows every event of whole sessions, in every phase, pass through few files of the tuner', async () => {
    const walks = await walk('transition');
    const met = new Set(walks.flatMap(({ name }) => name.replace(/ \(.*/, '').split(' ← ')));
    for (const phase of [
      'observing',
      'watching',
      'following',
      'choosing',
      'waiting',
      'noise',
      'probing',
      'trying',
      'asking',
      'hold-back',
      'resting',
      'suspended',
      'ending',
    ])
      expect(met).toContain(phase);
    for (const event of [
      'begin',
      'measured',
      'done',
      'failed',
      'propose',
      'answer',
      'anchor',
      'ledger',
      'off',
      'end',
      'stop',
    ])
      expect(met).toContain(event);
    for (const { rooms } of walks) expect(rooms.outside.length).toBeGreaterThan(0);
    // At rest all that is watched is asked: shifts, audits, what came since a change.
    expect(longer(walks, 'outside', 8)).toEqual([]);
  });

  it('npm run walk prints what CONTRIBUTING.md shows of it', async () => {
    const walks = [...(await walk('call')), ...(await walk('transition'))];
    const shown = await documented();
    expect(shown.map(({ name }) => name)).toEqual([
      'wrap(function)',
      'createSandbox()',
      "createSandbox({ transport: 'message' })",
      'resting ← stop',
      'trying ← failed',
    ]);
    for (const { name, rooms } of shown) {
      const walked = walks.find((one) => one.name.replace(/ \(\d+ ×\)$/, '') === name);
      expect(walked?.rooms).toMatchObject(rooms);
    }
  });
});
