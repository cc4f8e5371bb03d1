/**
 * What the built declarations offer, entry by entry, and what they speak of without offering it.
 *
 *   package.json exports ─▶ dist/…/index.d.ts ─▶ exported symbols ─▶ the types their declarations name
 *
 * A type of ours that an exported declaration names must be exported too, by the same entry or by one
 * of a lower room (src, then tuner, then exporters): else nobody can write down a variable of it.
 * TypeScript's own checker answers, so nothing is told from the look of a text.
 */
import { join } from 'node:path';
import {
  isClassDeclaration,
  isConstructorDeclaration,
  isExportDeclaration,
  isExportSpecifier,
  isExpressionWithTypeArguments,
  isInterfaceDeclaration,
  isMappedTypeNode,
  isTypeAliasDeclaration,
  isTypeOperatorNode,
  isTypeQueryNode,
  isTypeReferenceNode,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API, type Project, SymbolFlags, type Symbol as TypeSymbol } from 'typescript/unstable/sync';

export interface PublicEntry {
  /** As in an import: 'sandtune/tuner'. */
  readonly name: string;
  /** In the order of their names. */
  readonly exports: readonly PublicExport[];
}

export interface PublicExport {
  readonly name: string;
  /** A class that is exported as a type only is a type. */
  readonly kind: 'type' | 'value';
  /** Type arguments that must be given. */
  readonly requiredArguments: number;
  /** What its declaration names and no entry within reach exports: 'Name (file)'. */
  readonly missing: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

interface Exported {
  readonly symbol: TypeSymbol;
  readonly kind: PublicExport['kind'];
}

const rooms = ['src', 'src/stream', 'tuner', 'exporters'] as const;

/**
 * @param configFile a tsconfig.json whose program holds the declarations of every entry
 * @param packageFolder the package's root, with `dist` in it
 */
export function publicEntries(configFile: string, packageFolder: string, manifest: Manifest): readonly PublicEntry[] {
  const api = new API({ cwd: packageFolder });
  try {
    const project = api.updateSnapshot({ openProjects: [configFile] }).getProject(configFile);
    if (!project) throw new Error(`no project in ${configFile}`);
    const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) => {
      if (typeof target === 'string') return [];
      const room = rooms.findLastIndex((one) => target.types.startsWith(`./dist/${one}/`));
      const exported = exportsOf(project, join(packageFolder, target.types));
      return [{ name: manifest.name + subpath.slice(1), room, exported }];
    });
    return entries.map(({ name, room, exported }) => {
      const reach = entries.filter((one) => one.name === name || one.room < room);
      const offered = new Set(reach.flatMap((one) => [...one.exported.values()].map(({ symbol }) => symbol.id)));
      const exports = [...exported].map(([exportedName, one]) => ({
        name: exportedName,
        kind: one.kind,
        requiredArguments: requiredArguments(project, one.symbol),
        missing: namedBy(project, one)
          .filter((named) => !offered.has(named.id) && fileOf(named).startsWith(join(packageFolder, 'dist/')))
          .map((named) => `${named.name} (${fileOf(named).slice(packageFolder.length + 1)})`),
      }));
      return { name, exports: exports.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  } finally {
    api.close();
  }
}

function exportsOf(project: Project, file: string): ReadonlyMap<string, Exported> {
  const { checker, program } = project;
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`the program does not hold ${file}`);
  return new Map(
    checker.getExportsOfModule(module).map((one) => {
      const symbol = resolved(project, one);
      const isValue = (symbol.flags & SymbolFlags.Value) !== 0 && !isTypeOnly(project, one);
      return [one.name, { symbol, kind: isValue ? 'value' : 'type' }];
    }),
  );
}

/** Exported by `export type`. */
function isTypeOnly(project: Project, alias: TypeSymbol): boolean {
  const specifier = alias.declarations[0]?.resolve(project);
  if (!specifier || !isExportSpecifier(specifier)) return false;
  const statement = specifier.parent.parent;
  return specifier.isTypeOnly || (isExportDeclaration(statement) && statement.isTypeOnly);
}

/** Symbols that the declarations of `symbol` name, itself and type parameters left out. */
function namedBy(project: Project, { symbol, kind }: Exported): readonly TypeSymbol[] {
  const names = symbol.declarations.flatMap((declaration) => {
    const node = declaration.resolve(project);
    return node ? namesIn(node, kind) : [];
  });
  const found = (names.length === 0 ? [] : project.checker.getSymbolAtLocation(names))
    .filter((one) => one !== undefined)
    .map((one) => resolved(project, one))
    .filter((one) => (one.flags & SymbolFlags.TypeParameter) === 0 && one.id !== symbol.id);
  return [...new Map(found.map((one) => [one.id, one])).values()];
}

/**
 * The identifiers by which a declaration names types: in references, heritage and `typeof`. Left out
 * are `keyof` and the keys of a mapped type, which give names of properties, and the constructor of
 * what is exported as a type only: nobody can call it.
 */
function namesIn(declaration: Node, kind: PublicExport['kind']): readonly Node[] {
  const names: Node[] = [];
  const visit = (node: Node): void => {
    if (isMappedTypeNode(node)) {
      if (node.type) visit(node.type);
      return;
    }
    if (isTypeOperatorNode(node) && node.operator === SyntaxKind.KeyOfKeyword) return;
    if (kind === 'type' && isConstructorDeclaration(node)) return;
    if (isTypeReferenceNode(node)) names.push(node.typeName);
    else if (isExpressionWithTypeArguments(node)) names.push(node.expression);
    else if (isTypeQueryNode(node)) names.push(node.exprName);
    node.forEachChild(visit);
  };
  visit(declaration);
  return names;
}

function requiredArguments(project: Project, symbol: TypeSymbol): number {
  const declaration = symbol.declarations[0]?.resolve(project);
  if (!declaration) return 0;
  if (!isInterfaceDeclaration(declaration) && !isTypeAliasDeclaration(declaration) && !isClassDeclaration(declaration))
    return 0;
  return (declaration.typeParameters ?? []).filter((parameter) => !parameter.defaultType).length;
}

function resolved({ checker }: Project, symbol: TypeSymbol): TypeSymbol {
  return (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

function fileOf(symbol: TypeSymbol): string {
  return symbol.declarations[0]?.path ?? '';
}
