/**
 * One walk over the syntax tree of a module or script: where it asks for `import.meta` and `import()`, which
 * names it assigns to anywhere, and whether it awaits outside of functions.
 */
import type { AnyNode, Declaration, Pattern, Program } from 'acorn';

/** What stands from `start` to `end` of a text is replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Survey {
  /** `import.meta` and the `import` of `import()`, each replaced by what asks the host. */
  readonly edits: Edit[];
  /** Names that are assigned to somewhere, shadowed or not. */
  readonly assigned: ReadonlySet<string>;
  readonly awaits: boolean;
}

export function survey(program: Program, hostName: string): Survey {
  const edits: Edit[] = [];
  const assigned = new Set<string>();
  let awaits = false;
  // A list of its own instead of recursion: generated code nests thousands of expressions deep.
  const open: [node: AnyNode, inFunction: boolean][] = [[program, false]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, inFunction] = next;
    switch (node.type) {
      case 'ImportExpression':
        edits.push({ start: node.start, end: node.start + 'import'.length, text: `${hostName}.import` });
        break;
      case 'MetaProperty':
        if (node.meta.name === 'import') edits.push({ start: node.start, end: node.end, text: `${hostName}.meta` });
        break;
      case 'AwaitExpression':
        awaits ||= !inFunction;
        break;
      case 'ForOfStatement':
        awaits ||= !inFunction && node.await;
        if (node.left.type !== 'VariableDeclaration') addNames(node.left, assigned);
        break;
      case 'ForInStatement':
        if (node.left.type !== 'VariableDeclaration') addNames(node.left, assigned);
        break;
      case 'AssignmentExpression':
        addNames(node.left, assigned);
        break;
      case 'UpdateExpression':
        addNames(node.argument, assigned);
        break;
      case 'VariableDeclaration':
        // Without a value now it gets one later, and one in a loop gets many.
        if (node.kind !== 'const') for (const { id, init } of node.declarations) if (!init) addNames(id, assigned);
        break;
      default:
    }
    const isFunction = /Function/.test(node.type) || node.type === 'PropertyDefinition' || node.type === 'StaticBlock';
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) open.push([child, inFunction || isFunction]);
      }
    }
  }
  return { edits, assigned, awaits };
}

/** The names a declaration declares. */
export function declaredNames(declaration: Declaration): string[] {
  if (declaration.type !== 'VariableDeclaration') return [declaration.id.name];
  const names = new Set<string>();
  for (const { id } of declaration.declarations) addNames(id, names);
  return [...names];
}

function addNames(pattern: Pattern | AnyNode, names: Set<string>): void {
  switch (pattern.type) {
    case 'Identifier':
      names.add(pattern.name);
      break;
    case 'ObjectPattern':
      for (const one of pattern.properties) addNames(one.type === 'RestElement' ? one.argument : one.value, names);
      break;
    case 'ArrayPattern':
      for (const one of pattern.elements) if (one) addNames(one, names);
      break;
    case 'RestElement':
      addNames(pattern.argument, names);
      break;
    case 'AssignmentPattern':
      addNames(pattern.left, names);
      break;
    case 'ParenthesizedExpression':
      addNames(pattern.expression, names);
      break;
    default:
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
