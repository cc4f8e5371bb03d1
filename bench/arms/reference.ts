/** What `--against REF` names: a checkout of it, and the file that says what it names otherwise. */
import { readdirSync } from 'node:fs';
import { type CheckoutOptions, checkOut } from './checkout.ts';
import type { PackageLocation } from './protocol.ts';

export interface Reference extends Disposable {
  /** As it was given; its figures stand under this name. */
  readonly name: string;
  readonly commit: string;
  readonly package: PackageLocation;
}

const namesFolder = new URL('../against/', import.meta.url);

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION as `checkOut` does */
export async function openReference(ref: string, options: CheckoutOptions): Promise<Reference> {
  const checkout = await checkOut(ref, options);
  const { commit, root } = checkout;
  return {
    name: ref,
    commit,
    package: { root, names: namesOf(commit) },
    [Symbol.dispose]: () => checkout[Symbol.dispose](),
  };
}

/** The file is called after the first digits of the commit, so that every name of a commit finds it. */
function namesOf(commit: string): string | null {
  const file = readdirSync(namesFolder).find(
    (name) => /^[0-9a-f]{7,40}\.ts$/.test(name) && commit.startsWith(name.slice(0, -3)),
  );
  return file === undefined ? null : new URL(file, namesFolder).href;
}
