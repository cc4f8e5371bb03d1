/**
 * piscina's own tests, so that they run on pools that something has happened to: what makes a pool there is
 * handed to a function of ours first, and waited for. All else in them stays as it is.
 *
 *   const pool = new Piscina({ … })   ──▶   const pool = (await made(Piscina, { … }))
 *
 * They are TypeScript that piscina runs as CommonJS modules, and Node runs it as ES modules: what is imported
 * by a relative path becomes a `require()`, which finds folders, and knows names of types as undefined.
 */
import { stripTypeScriptTypes } from 'node:module';
import { parse } from 'acorn';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface RewriteOptions {
  /** URL of the module that exports `made`. */
  readonly made: string;
  /** URLs of modules that stand for packages, by their names. */
  readonly instead?: Readonly<Record<string, string>>;
}

export function rewriteTest(source: string, { made, instead = {} }: RewriteOptions): string {
  const code = javaScriptOf(source);
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Node;
  const edits = [...importEdits(program, instead), ...poolEdits(program)];
  return `import { made as __made } from ${JSON.stringify(made)};${prologue}\n${withEdits(code, edits)}`;
}

/** A file that a worker runs. One that exports nothing as a module does is a CommonJS module. */
export function rewriteFixture(source: string): string {
  const code = javaScriptOf(source);
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Node;
  if ((program['body'] as Node[]).some(({ type }) => type.startsWith('Export')))
    return `${prologue.trim()}\n${withEdits(code, importEdits(program, {}))}`;
  return withEdits(
    code,
    importsOf(program).map((one, index) => requireEdit(one, index)),
  );
}

/** The one construct in these tests that is no mere type: `constructor(readonly index: number) {`. */
const parameterProperty = /constructor\s*\(readonly (\w+): \w+\)\s*\{/g;

function javaScriptOf(source: string): string {
  return stripTypeScriptTypes(source.replace(parameterProperty, '$1; constructor ($1) { this.$1 = $1;'));
}

const prologue =
  " import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); const __dirname = import.meta.dirname;";

function importsOf(program: Node): readonly Node[] {
  return (program['body'] as Node[]).filter(({ type }) => type === 'ImportDeclaration');
}

function importEdits(program: Node, instead: Readonly<Record<string, string>>): Edit[] {
  const used = namesUsed(program);
  return importsOf(program).map((one, index) => {
    const from = (one['source'] as Node)['value'] as string;
    if (from.startsWith('.')) return requireEdit(one, index);
    const url = (Object.hasOwn(instead, from) ? instead[from] : undefined) ?? from;
    return { start: one.start, end: one.end, text: importText(one, url, used) };
  });
}

/** Without the names of types, which nothing that is left of the file speaks of. */
function importText(one: Node, from: string, used: ReadonlySet<string>): string {
  const specifiers = one['specifiers'] as Node[];
  const outer: string[] = [];
  const named: string[] = [];
  for (const specifier of specifiers) {
    const local = nameOf(specifier['local']);
    if (!used.has(local)) continue;
    if (specifier.type === 'ImportDefaultSpecifier') outer.push(local);
    else if (specifier.type === 'ImportNamespaceSpecifier') outer.push(`* as ${local}`);
    else named.push(`${nameOf(specifier['imported'])} as ${local}`);
  }
  if (named.length > 0) outer.push(`{ ${named.join(', ')} }`);
  return `import ${outer.length === 0 ? '' : `${outer.join(', ')} from `}${JSON.stringify(from)};`;
}

function namesUsed(program: Node): ReadonlySet<string> {
  const used = new Set<string>();
  walk(program, [], (node, outer) => {
    if (node.type === 'Identifier' && !outer.some(({ type }) => type === 'ImportDeclaration')) used.add(nameOf(node));
  });
  return used;
}

function requireEdit(one: Node, index: number): Edit {
  const module = `__module${index}`;
  const names = (one['specifiers'] as Node[]).map((specifier) => {
    const local = nameOf(specifier['local']);
    if (specifier.type === 'ImportDefaultSpecifier') return `const ${local} = ${module}.default ?? ${module};`;
    if (specifier.type === 'ImportNamespaceSpecifier') return `const ${local} = ${module};`;
    return `const ${local} = ${module}.${nameOf(specifier['imported'])};`;
  });
  const from = JSON.stringify((one['source'] as Node)['value']);
  return { start: one.start, end: one.end, text: [`const ${module} = require(${from});`, ...names].join(' ') };
}

function nameOf(node: unknown): string {
  return (node as { readonly name: string }).name;
}

/** A pool is waited for where the function that makes it is async, or is that of a test, which then becomes so. */
function poolEdits(program: Node): Edit[] {
  const edits: Edit[] = [];
  const madeAsync = new Set<Node>();
  walk(program, [], (node, outer) => {
    if (node.type !== 'NewExpression' || (node['callee'] as Node)['name'] !== 'Piscina') return;
    const at = outer.findLastIndex(({ type }) => type.endsWith('Function') || type.endsWith('FunctionExpression'));
    const inside = outer[at];
    if (!inside) return;
    if (inside['async'] !== true) {
      if (!isOfTest(inside, outer[at - 1])) return;
      if (!madeAsync.has(inside)) edits.push({ start: inside.start, end: inside.start, text: 'async ' });
      madeAsync.add(inside);
    }
    const given = node['arguments'] as Node[];
    const [first, last] = [given[0], given.at(-1)];
    if (!first || !last) edits.push({ start: node.start, end: node.end, text: '(await __made(Piscina))' });
    else
      edits.push(
        { start: node.start, end: first.start, text: '(await __made(Piscina, ' },
        { start: last.end, end: node.end, text: '))' },
      );
  });
  return edits;
}

/** `test('…', () => …)`, and `t.test('…', () => …)`. */
function isOfTest(inside: Node, call: Node | undefined): boolean {
  if (call?.type !== 'CallExpression' || !(call['arguments'] as Node[]).includes(inside)) return false;
  const callee = call['callee'] as Node;
  const name = callee.type === 'MemberExpression' ? (callee['property'] as Node)['name'] : callee['name'];
  return name === 'test' || name === 'it';
}

function walk(node: Node, outer: readonly Node[], visit: (node: Node, outer: readonly Node[]) => void): void {
  visit(node, outer);
  const inner = [...outer, node];
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'object' && one !== null && 'type' in one) walk(one as Node, inner, visit);
    }
  }
}

function withEdits(code: string, edits: readonly Edit[]): string {
  let rest = code;
  for (const { start, end, text } of edits.toSorted((a, b) => b.start - a.start || b.end - a.end))
    rest = rest.slice(0, start) + text + rest.slice(end);
  return rest;
}
