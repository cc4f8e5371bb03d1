/** Looks at every file of a TypeScript project by the compiler's own types. */
import { relative } from 'node:path';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import { API, type Checker } from 'typescript/unstable/sync';

/**
 * @param root a folder with a tsconfig.json
 * @param folders below it
 * @param isFound asked of each node; `name` is the file's path below `root`
 * @returns 'tuner/recall.ts:12: trigger === …', one for each node found
 */
export function scanProject(
  root: string,
  folders: readonly string[],
  isFound: (node: Node, checker: Checker, name: string) => boolean,
): readonly string[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [`${root}/tsconfig.json`] }).getProjects();
    if (!project) throw new Error(`expected a project in ${root}`);
    return project.rootFiles.flatMap((path) => {
      const name = relative(root, path);
      const file = folders.some((folder) => name.startsWith(`${folder}/`)) && project.program.getSourceFile(path);
      return file ? findIn(file, name, (node) => isFound(node, project.checker, name)) : [];
    });
  } finally {
    api.close();
  }
}

function findIn(file: SourceFile, name: string, isFound: (node: Node) => boolean): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (isFound(node)) {
      const line = file.text.slice(0, node.getStart(file)).split('\n').length;
      found.push(`${name}:${line}: ${node.getText(file).replace(/\s+/g, ' ').slice(0, 80)}`);
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}
