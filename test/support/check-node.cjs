/*
 * Runs before every npm script that needs a current Node, on whatever Node is there: hence no
 * syntax younger than ES5, and nothing on stdout (`npm start --silent -- --json` owns it).
 *
 * npm puts node_modules/.bin first on PATH, where the dev dependency `node` brings a current
 * Node. An older one only runs here when that package is missing or its install script was skipped.
 */
'use strict';

var fs = require('fs');
var path = require('path');

var root = path.join(__dirname, '..', '..');
var wanted = 24;
var bundled = path.join('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

function fix() {
  if (!fs.existsSync(path.join(root, 'node_modules', 'node', 'package.json'))) {
    return 'The dependencies are not installed (the dev dependency `node` brings a current Node).\nFix: npm ci';
  }
  if (!fs.existsSync(path.join(root, bundled))) {
    return (
      'The dev dependency `node` is there but ' +
      bundled +
      ' is not: its install script was skipped\n' +
      '(--ignore-scripts, or install scripts not allowed).\nFix: npm rebuild node --ignore-scripts=false'
    );
  }
  return (
    'A current Node is at ' +
    bundled +
    ', but another one comes first on PATH (' +
    process.execPath +
    ').\n' +
    'Fix: run it through npm (npm start, npm test), or put node_modules/.bin first on PATH'
  );
}

if (parseInt(process.versions.node, 10) < wanted) {
  process.stderr.write(
    'sandtune needs Node ' + wanted + ' or newer; this is ' + process.version + '.\n' + fix() + '\n',
  );
  process.exit(1);
}
