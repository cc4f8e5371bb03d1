/**
 * The text of an ES module → the text of a function that does what the module does, so that it can be
 * evaluated many times and forgotten again. Node keeps every ES module it has evaluated until its
 * thread ends, those of `vm.SourceTextModule` too; what a function has made is collected.
 *
 *   import source a from 'x'  taken out; `a` is the compiled module of a .wasm file, which is not evaluated
 *   import { a } from 'x'     taken out; `a` is a parameter, or a property of the object of a `with`
 *   export const b = 1        `export` is taken out; the getter `() => b` is handed to the host
 *   import.meta, import(y)    ask the host
 *
 * Everything stays on its line, so that stacks tell the truth. The first line alone has something in front.
 */
import {
  type ExportDefaultDeclaration,
  type ExportNamedDeclaration,
  type Identifier,
  type ImportDeclaration,
  type Literal,
  Parser,
} from 'acorn';
import importPhases from 'acorn-import-phases';
import { declaredNames, type Edit, survey } from './survey.ts';

/** The name by which rewritten code reaches its host. */
export const hostName = '__sandtune';
const defaultName = `${hostName}_default`;
const parser = Parser.extend(importPhases({ source: true, defer: false }));

interface ImportedBinding {
  readonly specifier: string;
  readonly local: string;
  /** What it is called where it comes from; '*' for the namespace. */
  readonly name: string;
  /** It is the module before its evaluation, compiled. */
  readonly isSource: boolean;
}

interface ReExport {
  readonly specifier: string;
  /** '*' for the namespace. */
  readonly name: string;
}

export interface RewrittenModule {
  /** What stands in the function, with a strict directive and the getters of its exports in front. */
  readonly body: string;
  readonly isAsync: boolean;
  /** Of what is evaluated, in the order of the text, which is that of evaluation. */
  readonly specifiers: readonly string[];
  readonly imports: readonly ImportedBinding[];
  /** Exported name → true where its value never changes once the module is evaluated. */
  readonly own: ReadonlyMap<string, boolean>;
  readonly reExports: ReadonlyMap<string, ReExport>;
  /** Modules all of whose names are exported again. */
  readonly stars: readonly string[];
}

/** @throws {SyntaxError} when the text is no module */
export function rewriteModule(text: string): RewrittenModule {
  const program = parser.parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  const { edits, assigned, awaits } = survey(program, hostName);
  const specifiers: string[] = [];
  const imports: ImportedBinding[] = [];
  const exported = new Map<string, string>();
  const reExports = new Map<string, ReExport>();
  const stars: string[] = [];
  if (text.startsWith('#!')) edits.push(blank(text, 0, text.search(/[\n\r]|$/)));
  for (const node of program.body) {
    switch (node.type) {
      case 'ImportDeclaration':
        if (!isSource(node)) specifiers.push(node.source.value as string);
        imports.push(...importedBindings(node));
        edits.push(blank(text, node.start, node.end));
        break;
      case 'ExportAllDeclaration': {
        const specifier = node.source.value as string;
        specifiers.push(specifier);
        if (node.exported) reExports.set(nameOf(node.exported), { specifier, name: '*' });
        else stars.push(specifier);
        edits.push(blank(text, node.start, node.end));
        break;
      }
      case 'ExportNamedDeclaration':
        if (node.source) specifiers.push(node.source.value as string);
        edits.push(exportNamed(text, node, exported, reExports));
        break;
      case 'ExportDefaultDeclaration':
        edits.push(...exportDefault(text, node, exported));
        break;
      default:
    }
  }
  // What is imported and exported again under the name it has here.
  for (const [name, local] of exported) {
    const from = imports.find((one) => one.local === local);
    if (!from || from.isSource) continue;
    exported.delete(name);
    reExports.set(name, { specifier: from.specifier, name: from.name });
  }
  const getters = [...exported].map(([name, local]) => `${JSON.stringify(name)}: () => ${local}`);
  return {
    body: `'use strict'; ${hostName}.exports({ ${getters.join(', ')} }); ${edited(text, edits)}`,
    isAsync: awaits,
    specifiers: [...new Set(specifiers)],
    imports,
    own: new Map([...exported].map(([name, local]) => [name, !assigned.has(local)])),
    reExports,
    stars,
  };
}

/** The text of a CommonJS module whose `import()` asks the host. @throws {SyntaxError} when the text is no script */
export function rewriteScript(text: string): string {
  const program = parser.parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
  });
  return edited(text, survey(program, hostName).edits);
}

function importedBindings(node: ImportDeclaration): ImportedBinding[] {
  const specifier = node.source.value as string;
  return node.specifiers.map((one) => ({
    specifier,
    local: one.local.name,
    name:
      one.type === 'ImportSpecifier' ? nameOf(one.imported) : one.type === 'ImportDefaultSpecifier' ? 'default' : '*',
    isSource: isSource(node),
  }));
}

function isSource(node: ImportDeclaration): boolean {
  return (node as { phase?: unknown }).phase === 'source';
}

function exportNamed(
  text: string,
  node: ExportNamedDeclaration,
  exported: Map<string, string>,
  reExports: Map<string, ReExport>,
): Edit {
  const { declaration, source, specifiers } = node;
  if (declaration) {
    for (const name of declaredNames(declaration)) exported.set(name, name);
    return blank(text, node.start, declaration.start);
  }
  for (const { local, exported: outside } of specifiers) {
    if (source) reExports.set(nameOf(outside), { specifier: source.value as string, name: nameOf(local) });
    else exported.set(nameOf(outside), nameOf(local));
  }
  return blank(text, node.start, node.end);
}

function exportDefault(text: string, node: ExportDefaultDeclaration, exported: Map<string, string>): Edit[] {
  const { declaration } = node;
  const declares = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
  const id = declares ? declaration.id : undefined;
  exported.set('default', id?.name ?? defaultName);
  if (id) return [blank(text, node.start, declaration.start)];
  const start = blank(text, node.start, declaration.start);
  return [
    { ...start, text: `const ${defaultName} =${start.text}` },
    // A declaration ends without a semicolon, an expression does not.
    ...(declares ? [{ start: node.end, end: node.end, text: ';' }] : []),
  ];
}

function nameOf(node: Identifier | Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}

/** Puts blanks for everything but the ends of lines. */
function blank(text: string, start: number, end: number): Edit {
  return { start, end, text: text.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, ' ') };
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: put } of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + put;
    at = end;
  }
  return result + text.slice(at);
}
