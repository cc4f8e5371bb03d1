#!/usr/bin/env node
/** The `sandtune` command: hands its arguments to `runCommand` and exits with the code that gives. */
import { writeSync } from 'node:fs';
import { exitCodes } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe may have ended (`sandtune report | head`); then nothing more can be written.
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    if (stream === process.stdout) say(`standard output: expected to be written, got: ${error.message}`);
    process.exit(exitCodes.failure);
  });
}

const code = await runCommand(process.argv.slice(2));
// Pools and servers of a user's config may keep the process alive, so it exits once all output is written.
process.stdout.write('', () => process.exit(code));

/** At once: the process ends with it. */
function say(text: string): void {
  try {
    writeSync(process.stderr.fd, `sandtune: ${text}\n`);
  } catch {
    // Nobody can be told.
  }
}
