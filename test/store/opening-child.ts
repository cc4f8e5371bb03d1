/** Opens the file it is given, and says on stdout what its off switch said, or what kept it from being opened. */
import { openStore } from '../../src/store/open-store.ts';
import { storeError } from '../../src/store/store-error.ts';

const [path] = process.argv.slice(2) as [string];

async function answer(): Promise<string> {
  await using opened = openStore({ path, version: 7, wallMs: 0 });
  const cells = opened.setAside?.cells;
  const known = cells === undefined ? opened.store.cell('pool', 'off') : cells?.find(({ key }) => key === 'off')?.value;
  return known ?? 'unknown';
}

process.stdout.write(`${await answer().catch((error: unknown) => storeError(path, error).trouble)}\n`);
