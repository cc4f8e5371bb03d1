/**
 * Finds places that match what must not be matched: a trigger compared with a literal or looked up by
 * its text, and prose (`reason`, `says`) compared, searched or cut. By the compiler's own
 * types, so a renamed variable hides nothing: whatever may only be a trigger is one.
 */
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isAsExpression,
  isBinaryExpression,
  isCallExpression,
  isElementAccessExpression,
  isIdentifier,
  isNonNullExpression,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isSwitchStatement,
} from 'typescript/unstable/ast/is';
import { type Checker, type Type, TypeFlags } from 'typescript/unstable/sync';
import { triggers } from '../../tuner/entries/triggers.ts';
import { scanProject } from './scan-project.ts';

/** The one file that knows triggers by their names. */
const table = 'tuner/entries/triggers.ts';
/** Its rows, which anybody may look up. */
const rows = 'triggers';
const ids: ReadonlySet<string> = new Set(Object.keys(triggers));
const prose: ReadonlySet<string> = new Set(['reason', 'proposalReason', 'says']);
const equalities: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.EqualsEqualsToken,
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
]);
/** Methods that compare what they are called with. */
const lookups: ReadonlySet<string> = new Set([
  'has',
  'get',
  'includes',
  'indexOf',
  'startsWith',
  'endsWith',
  'test',
  'exec',
  'match',
  'localeCompare',
]);

/** @returns 'tuner/recall.ts:12: trigger === …', one for each place */
export function scanComparisons(root: string, folders: readonly string[]): readonly string[] {
  return scanProject(root, folders, (node, checker, name) =>
    comparedIn(node)
      .map(bare)
      .some((one) => (name !== table && isTrigger(one, checker)) || isProse(one, checker)),
  );
}

/** The expressions of which this node compares, looks up or cuts the text. */
function comparedIn(node: Node): readonly Node[] {
  if (isSwitchStatement(node)) return [node.expression];
  if (isElementAccessExpression(node)) return nameOf(node.expression) === rows ? [] : [node.argumentExpression];
  if (isBinaryExpression(node) && equalities.has(node.operatorToken.kind)) {
    const operands = [node.left, node.right];
    // Whether there is one at all is no question about its text.
    return operands.some(isNothing) ? [] : operands;
  }
  if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression;
    return lookups.has(name.text) ? [expression, ...node.arguments] : [expression];
  }
  return [];
}

/** Without what stands round it and leaves a text as it is: brackets, `!`, `as`, `?? ''`. */
function bare(node: Node): Node {
  if (isParenthesizedExpression(node) || isNonNullExpression(node) || isAsExpression(node))
    return bare(node.expression);
  const isDefault = isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.QuestionQuestionToken;
  return isDefault ? bare(node.left) : node;
}

function isNothing(node: Node): boolean {
  return node.kind === SyntaxKind.NullKeyword || (isIdentifier(node) && node.text === 'undefined');
}

/** Of a type that holds two triggers or more and nothing else, or named so. */
function isTrigger(node: Node, checker: Checker): boolean {
  const texts = textsOf(checker.getTypeAtLocation(node));
  if (texts === 'any') return nameOf(node) === 'trigger';
  return texts.length >= 2 && texts.every((one) => ids.has(one));
}

function isProse(node: Node, checker: Checker): boolean {
  return prose.has(nameOf(node) ?? '') && textsOf(checker.getTypeAtLocation(node)) === 'any';
}

/** The texts a value may be; 'any' where it may be any; none where it may be something else than a text. */
function textsOf(type: Type | undefined): readonly string[] | 'any' {
  const members = type?.isUnionType() ? type.getTypes() : type ? [type] : [];
  const some = members.filter(({ flags }) => (flags & (TypeFlags.Null | TypeFlags.Undefined)) === 0);
  if (some.some(({ flags }) => (flags & TypeFlags.String) !== 0)) return 'any';
  const texts = some.flatMap((one) => (one.isStringLiteralType() ? [one.value] : []));
  return texts.length < some.length ? [] : texts;
}

function nameOf(node: Node): string | null {
  if (isIdentifier(node)) return node.text;
  return isPropertyAccessExpression(node) ? node.name.text : null;
}
