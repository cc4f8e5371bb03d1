/** What each wrong usage is answered with, as a table of lines. */
import { availableParallelism } from 'node:os';
import { runCommand } from '../../../exporters/terminal/run-command.ts';
import { isSandtuneError } from '../../../src/foundation/errors.ts';
import { foreignNames } from './foreign-names.ts';
import { wrongCommands, wrongUsages } from './usages.ts';

export interface TableRow {
  readonly written: string;
  readonly said: string;
  /** An error of ours, or exit code 1 or 2. */
  readonly isOurs: boolean;
}

export async function wrongUsageRows(): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for (const { written, act } of [...wrongUsages, ...foreignNames]) {
    const error = await thrownBy(act);
    const isOurs = isSandtuneError(error);
    rows.push({ written, said: steady(isOurs ? `${error.code} ${error.message}` : String(error)), isOurs });
  }
  for (const { args } of wrongCommands) {
    const said = steady(await saidBy(args));
    const written = ['sandtune', ...args.map((one) => (one === '' ? "''" : one))].join(' ');
    rows.push({ written, said, isOurs: /^exit [12] sandtune: /.test(said) });
  }
  return rows;
}

export function tableText(rows: readonly TableRow[]): string {
  return rows.map(({ written, said }) => `${written}\n    ${said}\n`).join('');
}

/** Without what depends on the machine, on what ran before, and on what else there is. */
function steady(text: string): string {
  return (
    text
      .replaceAll(`from 1 to ${Math.max(2 * availableParallelism(), 4)}`, 'from 1 to <2 × CPUs>')
      .replaceAll(/\bdouble-\d+/g, 'double')
      .replaceAll(/sessions \(\d+\)/g, 'sessions (<number>)')
      // A new option is no other answer.
      .replaceAll(/(no option '[^']*'; expected )[^;]*/g, '$1<its options>')
  );
}

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return 'accepted';
}

/** The command writes to the process's own stderr, which is listened to meanwhile. */
async function saidBy(args: readonly string[]): Promise<string> {
  const { stderr } = process;
  const { write } = stderr;
  let said = '';
  stderr.write = ((text: string) => {
    said += text;
    return true;
  }) as typeof write;
  try {
    const code = await runCommand(args);
    return `exit ${code} ${said.split('\n\n')[0]?.trim()}`;
  } finally {
    stderr.write = write;
  }
}
