/** The package's types in programs of others: without a browser's types, without `skipLibCheck`. */
import { exactly, type Row } from '../rows.ts';
import { said } from './traces.ts';
import type { Tree } from './tree.ts';

const compilers = ['5.9', '7'];
const resolutions = [
  { name: 'nodenext', module: 'nodenext', moduleResolution: 'nodenext' },
  { name: 'bundler', module: 'esnext', moduleResolution: 'bundler' },
];

/** The package is installed there. */
export async function typesIn(tree: Tree): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const consumer = await tree.copy('consumer.ts');
  for (const version of compilers) {
    const installed = await tree.install('--save-dev', `typescript@${version}`, '@types/node@24');
    if (installed.code !== 0) return [exactly(said(`TypeScript ${version} installed`, installed), 0, 1)];
    for (const { name, ...resolution } of resolutions) {
      const compilerOptions = { ...strict, ...resolution };
      await tree.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [consumer] }));
      const compiled = await tree.run('npx', ['tsc', '-p', 'tsconfig.json']);
      rows.push(
        exactly(
          said(`TypeScript ${version}, ${name}: a strict program compiles`, compiled),
          Number(compiled.code === 0),
          1,
        ),
      );
    }
  }
  return rows;
}

const strict = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  types: ['node'],
};
