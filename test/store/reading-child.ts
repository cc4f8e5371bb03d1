/** Says on stdout what rows the file it is given has, read where nothing can be written. */
import { openStore } from '../../src/store/open-store.ts';

const [path] = process.argv.slice(2) as [string];
using opened = openStore({ path, version: 7, wallMs: 0, readOnly: true });
process.stdout.write([...opened.store.read()].map(({ text }) => text).join(' '));
