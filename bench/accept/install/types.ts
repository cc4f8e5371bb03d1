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
    const compiled = async (options: object) => {
      const compilerOptions = { ...strict, ...options };
      await tree.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [consumer] }));
      return tree.run('npx', ['tsc', '-p', 'tsconfig.json', '--pretty', 'false']);
    };
    for (const { name, ...resolution } of resolutions) {
      const ended = await compiled(resolution);
      const row = `TypeScript ${version}, ${name}: a strict program compiles`;
      rows.push(exactly(said(row, ended), Number(ended.code === 0), 1));
    }
    const { output } = await compiled({ module: 'nodenext', exactOptionalPropertyTypes: true });
    const faults = output.split('\n').filter((line) => line.includes('error TS'));
    const ofOthers = faults.filter((line) => !line.startsWith('node_modules/piscina/'));
    const row = `TypeScript ${version}: errors with exactOptionalPropertyTypes that are not in piscina's own types`;
    rows.push(exactly([row, ...ofOthers.slice(0, 1)].join(': '), ofOthers.length, 0));
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
