/** `sandtune off` and `sandtune on`: the durable off switch, a row in the ledger. */
import { parseArgs } from 'node:util';
import { openLedger } from '../../../tuner/ledger.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { hasLedger, stateFolder } from '../state-folder.ts';

const everyExecutor = '*';

export async function offCommand(args: string[]): Promise<ExitCode> {
  const { folder, executor, who } = target(args);
  await using ledger = openLedger({ stateDir: folder, executor });
  ledger.setOff(true);
  await ledger.durable();
  process.stdout.write(
    `off: nothing tunes ${who} from '${folder}'; a running tuner ends on its anchor within seconds\n`,
  );
  return exitCodes.ok;
}

export async function onCommand(args: string[]): Promise<ExitCode> {
  const { folder, executor, who } = target(args);
  if (!hasLedger(folder)) {
    process.stdout.write(`on: nothing was switched off, there is no ledger in '${folder}'\n`);
    return exitCodes.ok;
  }
  await using ledger = openLedger({ stateDir: folder, executor });
  ledger.setOff(false);
  await ledger.durable();
  // One of the two switches may still be off: the one of all executors, or one of a single name.
  if (ledger.isOff()) {
    process.stdout.write(
      `on: ${who} stays off, because everything in '${folder}' is: sandtune on --state-dir '${folder}'\n`,
    );
    return exitCodes.ok;
  }
  const others = executor === everyExecutor ? '; one that was switched off by name stays off' : '';
  process.stdout.write(`on: the next start may tune ${who} from '${folder}'${others}\n`);
  return exitCodes.ok;
}

function target(args: string[]): { readonly folder: string; readonly executor: string; readonly who: string } {
  const { values } = parseArgs({ args, options: { 'state-dir': { type: 'string' }, executor: { type: 'string' } } });
  if (values.executor === '') throw new UsageError("--executor: expected a name, got ''");
  const executor = values.executor ?? everyExecutor;
  return {
    folder: stateFolder(values['state-dir']),
    executor,
    who: executor === everyExecutor ? 'any executor' : `'${executor}'`,
  };
}
