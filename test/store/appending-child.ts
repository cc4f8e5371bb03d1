/** Appends to the file it is given, in the way it is told, and says on stdout what it knows to be durable. */
import { openStore } from '../../src/store/open-store.ts';

const [path, how] = process.argv.slice(2) as [string, string];
const { store } = openStore({ path, version: 7, wallMs: 0 });
let next = 0;
const append = () => {
  const text = `${next++}`;
  const cells = [{ subject: 'pool', key: 'newest', value: text }];
  store.append([{ subject: 'pool', run: 1, kind: 'note', atMs: 0, text, bulk: next % 3 === 0 }], { cells });
};

if (how === 'until killed') {
  for (;;) {
    for (let i = 0; i < 20; i++) append();
    const upTo = next;
    await store.durable();
    process.stdout.write(`${upTo}\n`);
  }
}
for (let i = 0; i < 200; i++) append();
if (how === 'exit') process.exit(0);
if (how === 'throw') throw new Error('on purpose');
if (how === 'await') {
  await store.durable();
  process.stdout.write('durable\n');
}
