#!/usr/bin/env node
/** The `sandtune` command: hands its arguments to `runCommand` and exits with the code that gives. */
import { exitCodes } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

for (const stream of [process.stdout, process.stderr]) {
  // The reader of a pipe may have ended (`sandtune report | head`); then nothing more can be written.
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure),
  );
}

const code = await runCommand(process.argv.slice(2));
// Pools and servers of a user's config may keep the process alive, so it exits once all output is written.
process.stdout.write('', () => process.exit(code));
