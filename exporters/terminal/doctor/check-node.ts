/** Which Node this is, and whether sandtune runs on it. */
import type { Finding } from './finding.ts';

/** As `engines.node` in package.json; a test holds them equal. */
export const supportedMajor = 24;

/** @param version as `process.version` gives it */
export function checkNode(version: string): Finding {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  const supported = major >= supportedMajor;
  return {
    id: 'node',
    state: supported ? 'good' : 'broken',
    title: 'Node',
    found: version,
    means: supported
      ? 'supported'
      : `too old: expected ${supportedMajor} or later ('npm install --save-dev node' brings one to npm scripts)`,
    data: { version, supported },
  };
}
