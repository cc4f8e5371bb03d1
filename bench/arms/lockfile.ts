/** Whether one checkout's installed packages serve another, by their lockfiles. */

/** What is read of a package-lock.json of version 2 or 3. */
interface Lockfile {
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  /** Only for building and testing. */
  readonly dev?: boolean;
}

/**
 * Every package that `theirs` runs with is installed for `ours`, in the same version and from the same
 * archive. What is only there for building and testing may differ: nothing of it is run.
 * @param theirs text of a package-lock.json, as is `ours`
 */
export function serves(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const installed = packagesOf(ours);
  return Object.entries(packagesOf(theirs))
    .filter(([path, { dev }]) => path !== '' && !dev)
    .every(([path, { version, integrity }]) => {
      const here = installed[path];
      return here !== undefined && here.version === version && here.integrity === integrity;
    });
}

function packagesOf(lockfile: string): NonNullable<Lockfile['packages']> {
  return (JSON.parse(lockfile) as Lockfile).packages ?? {};
}
