import type { PublicEntry, PublicExport } from './public-types.ts';

const header = `/**
 * One of each thing the package exports, entry by entry. package.test.ts writes it from the built
 * declarations (\`npx vitest run test/package/package.test.ts -u\`) and compiles it against the package
 * as it is installed: an export that is gone does not compile, a new one shows as a difference here.
 */
/* oxlint-disable max-lines -- written, not kept by hand: it grows with the package */
`;

/** A module that declares one of each export. */
export function surfaceProgram(entries: readonly PublicEntry[]): string {
  const named = entries.map((entry) => ({ ...entry, as: camelCase(entry.name) }));
  const imports = named.map(({ name, as }) => `import type * as ${as} from '${name}';\n`).toSorted();
  const constants = named.map(
    ({ as, exports }) =>
      `\nexport declare const ${as}Exports: {\n${exports.map((one) => lineOf(as, one)).join('')}};\n`,
  );
  return header + imports.join('') + constants.join('');
}

function lineOf(module: string, { name, kind, requiredArguments }: PublicExport): string {
  const parameters = requiredArguments === 0 ? '' : `<${Array(requiredArguments).fill('never').join(', ')}>`;
  return `  readonly ${name}: ${kind === 'value' ? 'typeof ' : ''}${module}.${name}${parameters};\n`;
}

/** 'sandtune/tuner' → 'sandtuneTuner'. */
function camelCase(name: string): string {
  return name.replace(/\/(\w)/g, (_, first: string) => first.toUpperCase());
}
