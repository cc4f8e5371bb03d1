/** Opens the file it is given, and says on stdout what its off switch said: 'unknown' when nobody can say. */
import { openStore } from '../../src/store/open-store.ts';

const [path] = process.argv.slice(2) as [string];
await using opened = openStore({ path, version: 7, wallMs: 0 });
const cells = opened.setAside?.cells;
const known = cells === undefined ? opened.store.cell('pool', 'off') : cells?.find(({ key }) => key === 'off')?.value;
process.stdout.write(`${known ?? 'unknown'}\n`);
