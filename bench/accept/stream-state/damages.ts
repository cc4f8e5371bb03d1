/** Checkpoints of which a bit is flipped, or which are cut short: what a restart makes of each. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import { decodeContainer, encodeContainer, type SectionName } from '../../../src/stream/checkpoint/container.ts';
import { temporaryDirectory } from '../disk/temporary-directory.ts';
import { type Outcome, restart, type StorageKind, saveAll } from './job.ts';

const epochs = 4;

export interface Damaged {
  readonly kind: StorageKind;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The first few that went unnoticed. */
  readonly silent: readonly string[];
}

type Files = ReadonlyMap<string, Buffer>;
type Damage = (bytes: Buffer, random: RandomSource) => Buffer;

/** Half of them flip a bit, a quarter two, a quarter cut the end off. */
const damage: Damage = (bytes, random) => {
  const how = random();
  if (how < 0.25) return bytes.subarray(0, Math.floor(random() * bytes.length));
  const damaged = Buffer.from(bytes);
  for (let flips = how < 0.75 ? 1 : 2; flips > 0; flips--) {
    const at = Math.floor(random() * bytes.length);
    damaged[at] = (damaged[at] as number) ^ (1 << Math.floor(random() * 8));
  }
  return damaged;
};

/** Damage that brings digests of its own, which no reader can tell: this test must. */
export const forgery: Damage = (bytes, random) => {
  const { contents } = decodeContainer(bytes);
  const controller = Buffer.from(JSON.stringify({ lanes: 4 + Math.floor(random() * 1000) }));
  const parts = Object.entries({ ...contents, controller }).map(([name, content]) => [name, [content]] as const);
  return Buffer.concat(
    encodeContainer(Object.fromEntries(parts) as unknown as Record<SectionName, Uint8Array[]>).parts,
  );
};

/** @param isMeant which files are damaged, one each time */
export async function damageMany(
  kind: StorageKind,
  count: number,
  seed: number,
  alter: Damage = damage,
): Promise<Damaged> {
  const random = randomStream(seed, `damaged ${kind}`);
  await using folder = await temporaryDirectory(tmpdir());
  saveAll(kind, folder.path, epochs, (epoch) => epoch);
  const files = filesIn(folder.path);
  const meant = [...files].filter(([name, { length }]) => length > 0 && /\.(checkpoint|sqlite)$/.test(name));
  const outcomes: Record<Outcome, number> = { newest: 0, older: 0, refused: 0, silent: 0 };
  const silent: string[] = [];
  for (let done = 0; done < count; done++) {
    const [name, bytes] = meant[Math.floor(random() * meant.length)] as [string, Buffer];
    putBack(folder.path, new Map([...files, [name, alter(bytes, random)]]));
    const { outcome, what } = restart(kind, folder.path, epochs);
    outcomes[outcome]++;
    if (outcome === 'silent' && silent.length < 5) silent.push(`${done}: ${name}: ${what}`);
  }
  return { kind, outcomes, silent };
}

function filesIn(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );
}

function putBack(folder: string, files: Files): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
