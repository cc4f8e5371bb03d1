/**
 * Finds places that look a knob up in settings, or in another record of setting values, by an id that may be
 * any text: of 'constructor' they find what every object inherits, and a value put under '__proto__' is lost.
 */
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { isElementAccessExpression } from 'typescript/unstable/ast/is';
import { type Checker, type Type, TypeFlags } from 'typescript/unstable/sync';
import { scanProject } from './scan-project.ts';

/** The one file that may: `valueIn` is there. */
const home = 'src/foundation/settings.ts';

/** @returns 'tuner/sweep.ts:12: settings[id]', one for each place */
export function scanSettings(root: string, folders: readonly string[]): readonly string[] {
  return scanProject(root, folders, (node, checker, name) => name !== home && isLookUp(node, checker));
}

function isLookUp(node: Node, checker: Checker): boolean {
  if (!isElementAccessExpression(node) || node.argumentExpression.kind === SyntaxKind.StringLiteral) return false;
  return membersOf(checker.getTypeAtLocation(node.expression)).some((one) => holdsValues(one, checker));
}

/** A record of any keys whose values may be of each type that a setting's may. */
function holdsValues(type: Type, checker: Checker): boolean {
  if ((type.flags & TypeFlags.Object) === 0) return false;
  return checker.getIndexInfosOfType(type).some(({ keyType, valueType }) => {
    if ((keyType.flags & TypeFlags.String) === 0) return false;
    const flags = membersOf(valueType).reduce((all, one) => all | one.flags, 0);
    return [TypeFlags.String, TypeFlags.Number, TypeFlags.Boolean | TypeFlags.BooleanLiteral].every(
      (flag) => (flags & flag) !== 0,
    );
  });
}

function membersOf(type: Type | undefined): readonly Type[] {
  if (!type) return [];
  return type.isUnionType() ? type.getTypes() : [type];
}
