/**
 * The package as an arm sees it: by its public entries, of this checkout or of another. What the arms
 * take from them is listed here; a checkout that names some of it otherwise has a file in `against/`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OpenArm } from '../compare.ts';
import type { PackageLocation } from './protocol.ts';

export interface Entries {
  sandtune(): Promise<Pick<typeof import('../../src/index.ts'), 'createSandbox' | 'wrap'>>;
  tuner(): Promise<Pick<typeof import('../../tuner/index.ts'), 'tune'>>;
}

export type PackageEntry<Name extends keyof Entries> = Awaited<ReturnType<Entries[Name]>>;

/** What a file of `against/` exports: an entry as that commit has it → the same under today's names. */
type AgainstModule = { readonly [Name in keyof Entries]?: (entry: never) => PackageEntry<Name> };

/** A module of arms, each opened from plain data. */
export interface ArmModule<Spec> {
  readonly openArm: (spec: Spec, entries: Entries) => Promise<OpenArm>;
}

/** By name and through `exports`, as any program would find them; each is loaded when it is asked for. */
export function entriesOf({ root, names }: PackageLocation): Entries {
  const { resolve } = createRequire(join(root, 'package.json'));
  const load = async <Name extends keyof Entries>(name: Name, path: string): Promise<PackageEntry<Name>> => {
    const entry = (await import(pathToFileURL(resolve(path)).href)) as never;
    const renamed = names === null ? {} : ((await import(names)) as AgainstModule);
    return (renamed[name] as ((entry: never) => PackageEntry<Name>) | undefined)?.(entry) ?? entry;
  };
  return { sandtune: () => load('sandtune', 'sandtune'), tuner: () => load('tuner', 'sandtune/tuner') };
}
