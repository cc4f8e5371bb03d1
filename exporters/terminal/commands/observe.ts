/**
 * `sandtune observe -- node app.mjs`: runs a program as it is, with its piscina pools measured. The program, and
 * the programs that it starts, are given `sandtune/register` by their environment, before anything else they load.
 *
 * Ctrl-C and other signals are the program's; this command ends when it has, as it has.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../../src/foundation/errors.ts';
import { listenToObserved } from '../../register/observer.ts';
import { whatWasObserved } from '../../register/what-was-observed.ts';
import { printable } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { UsageError } from '../exit-codes.ts';
import { stateFolder } from '../state-folder.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function observeCommand(args: string[]): Promise<number> {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const { values, positionals } = parseCommandLine('observe', own, {}, 'a program after --');
  const [program, ...programArgs] = end < 0 ? [] : args.slice(end + 1);
  const [before] = positionals;
  if (before !== undefined || program === undefined)
    throw new UsageError(
      `observe: expected a program after --, as in: sandtune observe -- node app.mjs, got ${before === undefined ? 'none' : `'${before}' before it`}`,
    );
  using observer = listenToObserved();
  const child = spawn(program, programArgs, {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...observer.environment,
      // First: what else is loaded there may load a piscina.
      NODE_OPTIONS: [`--require=${quotedOption(preloadFile())}`, process.env['NODE_OPTIONS']].filter(Boolean).join(' '),
      // The program may change its folder before it makes a pool.
      SANDTUNE_DIR: resolve(stateFolder(values['state-dir'])),
    },
  });
  const pass = (signal: NodeJS.Signals) => {
    // A terminal sends its Ctrl-C to the program as well.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  const ended: readonly [number | null, NodeJS.Signals | null] = await Promise.race([
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    once(child, 'error').then(([error]) => {
      throw new SandtuneError(
        'ERR_SANDTUNE_INPUT',
        `observe: expected a program that can be started, got ${program}: ${messageOf(error)}`,
      );
    }),
  ]);
  const [code, signal] = ended;
  for (const line of await whatWasObserved(observer, { program, pid: child.pid, signal }, systemTimers))
    process.stderr.write(`${printable(`sandtune: ${line}`)}\n`);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Source or built: the extension of this module. */
function preloadFile(): string {
  const file = import.meta.url.endsWith('.ts') ? 'preload.cts' : 'preload.cjs';
  return fileURLToPath(new URL(`../../register/${file}`, import.meta.url));
}

/** NODE_OPTIONS are parted at spaces outside of quotes, in which a backslash makes the next character plain. */
function quotedOption(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
