/**
 * Imported first by every entry of the package: an older Node says in a sentence what it is too old for.
 * Whatever lies behind an entry has to load there, so what only younger versions have is not imported by name.
 */
import { SandtuneError } from './errors.ts';

/** As `engines` in package.json has it. */
const oldest = 24;

if (Number.parseInt(process.versions.node, 10) < oldest)
  throw new SandtuneError(
    'ERR_SANDTUNE_NODE_VERSION',
    `sandtune needs Node ${oldest} or newer; this is ${process.version}`,
  );
