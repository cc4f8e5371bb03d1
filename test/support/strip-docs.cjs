// Takes the doc comments out of the JavaScript in dist: they are in the declarations beside it, where editors read
// them, and were a third of what everybody downloads. Other comments stay, for bundlers read some of them.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

for (const entry of readdirSync('dist', { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
  const path = join(entry.parentPath, entry.name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^[ \t]*\/\*\*[^]*?\*\/[ \t]*\n/gm, ''));
}
