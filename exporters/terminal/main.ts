#!/usr/bin/env node
/** The `sandtune` command: hands its arguments to `runCommand` and exits with the code that gives. */
import { exitCodes } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

for (const stream of [process.stdout, process.stderr]) {
  // The reader went away (`sandtune report | head`): nobody is left to write to.
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure),
  );
}

const code = await runCommand(process.argv.slice(2));
// Pools and servers of a user's config may hold the process; what was printed goes out first.
process.stdout.write('', () => process.exit(code));
