/** From arguments to an exit code: finds the verb, carries it out, and puts every failure into words on stderr. */
import { isSandtuneError, messageOf } from '../../src/foundation/errors.ts';
import { meantText } from '../../src/foundation/nearest.ts';
import { version } from '../../src/foundation/version.ts';
import { printable, printableLines } from '../words/printable.ts';
import { checkNode } from './doctor/check-node.ts';
import { type ExitCode, exitCodes, UsageError } from './exit-codes.ts';
import { helpOf, usage } from './usage.ts';
import { verbNamed, verbs } from './verbs.ts';

/** Never rejects. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') return printed(usage);
  if (name === '--version' || name === '-v') return printed(`${version}\n`);
  if (name === undefined) return misused('expected a command', usage);
  const verb = verbNamed(name);
  if (verb === null) return misused(`no command '${name}'${meantText(name, Object.keys(verbs))}`, usage);
  // After -- come the arguments of another program.
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (own.includes('--help') || own.includes('-h')) return printed(helpOf(verb));
  const node = checkNode(process.version);
  if (node.state === 'broken' && name !== 'doctor') {
    process.stderr.write(`sandtune: Node ${node.found} is ${node.means}\n`);
    return exitCodes.failure;
  }
  try {
    const command = await verb.load();
    return await command(rest);
  } catch (error) {
    if (error instanceof UsageError) return misused(messageOf(error), `usage: sandtune ${name} --help\n`);
    process.stderr.write(`sandtune: ${printableLines(withCause(error))}\n`);
    return isConfigFault(error) ? exitCodes.usage : exitCodes.failure;
  }
}

function printed(text: string): ExitCode {
  process.stdout.write(text);
  return exitCodes.ok;
}

function misused(message: string, help: string): ExitCode {
  process.stderr.write(`sandtune: ${printable(message)}\n\n${help}`);
  return exitCodes.usage;
}

function isConfigFault(error: unknown): boolean {
  return (
    isSandtuneError(error) &&
    ['ERR_SANDTUNE_OPTION', 'ERR_SANDTUNE_GOAL', 'ERR_SANDTUNE_KNOB', 'ERR_SANDTUNE_TARGET'].includes(error.code)
  );
}

function withCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const more = cause === undefined ? '' : messageOf(cause);
  const message = messageOf(error);
  return more === '' || message.includes(more) ? message : `${message}\n  cause: ${more}`;
}
