/**
 * `sandtune off` and `sandtune on`: the durable off switch, a cell of the ledger. Neither makes a ledger,
 * because a switch in a folder from which nobody tunes would stop nothing, and neither sets one aside.
 *
 *   off: is there a ledger? ──▶ who tunes ──▶ switch on disk ──▶ wait until they have ended ──▶ who it was
 */
import { resolve } from 'node:path';
import { systemClock, systemTimers } from '../../../src/foundation/clock.ts';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { openStored } from '../../stored/open-stored.ts';
import { listText } from '../../words/numbers.ts';
import { printable } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { type ExitCode, exitCodes, UsageError } from '../exit-codes.ts';
import { hasLedger, stateFolder, wholeNumber } from '../state-folder.ts';
import { type Tuning, tuningFrom, untilEnded } from '../until-ended.ts';

const everyExecutor = '*';
/** A running tuner reads the switch every few seconds, and ends within a window. */
const usualWaitSeconds = 30;
/** While another process writes, the switch is tried again for so long. */
const lockedMs = 10_000;

export async function offCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('off', args, { executor: { type: 'string' }, wait: { type: 'string' } });
  const seconds = wholeNumber('--wait', values.wait) ?? usualWaitSeconds;
  const { folder, executor, who } = target(values['state-dir'], values.executor);
  if (!hasLedger(folder)) throw nothingToSwitch(folder);
  lookedAt(folder, '; nothing can be switched off in it: use SANDTUNE_MODE=off, or delete or move the file');
  const tuning = tuningFrom(folder, executor === everyExecutor ? null : executor);
  await putSwitch(folder, executor, true);
  if (tuning.length > 0 && seconds > 0)
    say(`waiting at most ${seconds} s until ${listText(tuning.map(tunerText))} has ended`);
  const ends = await untilEnded(folder, tuning, { mostMs: seconds * 1000, clock: systemClock, timers: systemTimers });
  const going = ends.filter((one) => one.state === 'tuning');
  const others = 'processes that follow or observe from there end within some seconds';
  const became = ends.length === 0 ? 'nobody was tuning' : [...ends.map(endText), others].join('; ');
  process.stdout.write(
    `${printable(`off: nothing tunes ${who} from '${folder}'${going.length > 0 ? ' from its next start on' : ''}; ${became}`)}\n`,
  );
  for (const one of going)
    say(`${tunerText(one)} has not ended within ${seconds} s; it reads the switch every few seconds`);
  if (!isKnown(folder, executor)) say(`no session of ${who} is in this ledger: is the name right?`);
  return ends.every((one) => one.state === 'ended' || one.state === 'gone') ? exitCodes.ok : exitCodes.failure;
}

export async function onCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('on', args, { executor: { type: 'string' } });
  const { folder, executor, who } = target(values['state-dir'], values.executor);
  if (!hasLedger(folder)) {
    process.stdout.write(`${printable(`on: nothing was switched off, there is no ledger in '${folder}'`)}\n`);
    return exitCodes.ok;
  }
  lookedAt(folder);
  const isOff = await putSwitch(folder, executor, false);
  // One of the two switches may still be off: the one of all executors, or one of a single name.
  if (isOff) {
    say(`${who} stays off, because everything in '${folder}' is: sandtune on --state-dir '${folder}'`);
    return exitCodes.failure;
  }
  const others = executor === everyExecutor ? '; one that was switched off by name stays off' : '';
  process.stdout.write(`${printable(`on: the next start may tune ${who} from '${folder}'${others}`)}\n`);
  return exitCodes.ok;
}

/** In the wrong folder, as in an emergency, it must not look as if anything had been stopped. */
function nothingToSwitch(folder: string): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_LEDGER',
    `nothing was switched off: no ledger in '${resolve(folder)}', so that nothing was tuned from there yet. A program that tunes has it in .sandtune where it was started, or in its stateDir: name that with --state-dir. One that was never started is kept from tuning by SANDTUNE_MODE=off in its environment`,
  );
}

/**
 * Whoever opens a damaged ledger to write into it sets it aside, which is not what a switch is for.
 * @param wayOut added to what is said of a damaged one
 * @throws {SandtuneError} ERR_SANDTUNE_LEDGER when there is none, ERR_SANDTUNE_STORE when it cannot be read
 */
function lookedAt(folder: string, wayOut = ''): void {
  try {
    openStored(folder)[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof StoreError) || error.trouble !== 'damaged') throw error;
    throw new StoreError(error.path, error.trouble, `${error.reason}${wayOut}`);
  }
}

/** @returns whether the executor is off now, be it by the switch of all @throws {SandtuneError} ERR_SANDTUNE_STORE */
async function putSwitch(folder: string, executor: string, off: boolean): Promise<boolean> {
  const startMs = systemClock.now();
  await using ledger = openLedger({ stateDir: folder, executor });
  ledger.setOff(off);
  for (;;) {
    try {
      await ledger.durable();
      return ledger.isOff();
    } catch (error) {
      const isLocked = error instanceof StoreError && error.trouble === 'locked';
      if (!isLocked || systemClock.now() - startMs > lockedMs) throw error;
    }
  }
}

/** Whether anything of that name was ever tuned or observed from here. */
function isKnown(folder: string, executor: string): boolean {
  using ledger = openLedger({ stateDir: folder, executor, readOnly: true });
  return executor === everyExecutor || ledger.lastSession() !== null;
}

function tunerText({ lease }: Tuning): string {
  return `${lease.holder}, which tunes '${lease.subject}',`;
}

function endText({ lease: { holder, subject }, state }: Tuning): string {
  const tuned = `${holder} was tuning '${subject}'`;
  switch (state) {
    case 'ended':
      return `${tuned} and has ended on its anchor`;
    case 'off anchor':
      return `${tuned} and has ended, but not on its anchor: a knob refused to return`;
    case 'gone':
      return `${tuned} and is gone`;
    case 'tuning':
      return `${holder} is still tuning '${subject}'`;
  }
}

function say(line: string): void {
  process.stderr.write(`sandtune: ${printable(line)}\n`);
}

function target(
  stateDir: string | undefined,
  name: string | undefined,
): { readonly folder: string; readonly executor: string; readonly who: string } {
  if (name === '') throw new UsageError("--executor: expected a name, got ''");
  const executor = name ?? everyExecutor;
  return {
    folder: stateFolder(stateDir),
    executor,
    who: executor === everyExecutor ? 'any executor' : `'${executor}'`,
  };
}
