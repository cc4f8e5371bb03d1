/**
 * Which tuner, or which sweep, has an executor. Two would put their settings in force against each other,
 * and one would take the other's trial for its reference, so an executor has one at most, whatever the modes.
 * The executor's knobs, and the pool it stands on, count as well as the object itself.
 *
 *   claim(executor) ──▶ ExecutorClaim ── heldBy(tuner) ──▶ release(), once that has stopped
 *
 * A tuner that was never stopped and that nobody refers to any more gives its claim up when it is
 * collected, which a tuner that still runs is not.
 */

import type { Executor } from '../src/contracts.ts';
import { resourceOf } from '../src/executor/resource.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import { absolutePath } from '../src/foundation/folders.ts';
import { quoted } from '../src/foundation/options.ts';
import { processWide } from '../src/foundation/process-wide.ts';

export interface ExecutorClaim {
  /** Another executor of this name is tuned from the same folder: to a ledger the two are one. */
  readonly hasNamesake: boolean;
  /** The claim lasts as long as `tuner` lives. */
  readonly heldBy: (tuner: object) => void;
  /** The tuner has ended, and keeps the executor until it is stopped. */
  readonly ended: () => void;
  /** Another tuner may have the executor. A second call does nothing. */
  readonly release: () => void;
  /** True while another has it, after it was given up. */
  readonly isTaken: () => boolean;
}

interface Holder {
  /** null while the tuner is being made, and for a sweep. */
  tuner: WeakRef<object> | null;
  what: string;
  readonly until: string;
  /** The name of the executor, and the folder of the ledger that knows it by that name. */
  readonly place: string;
  /** Where it was made. */
  readonly madeAt: Error;
}

const holders = processWide('executor-holders', () => new WeakMap<object, Holder>());
/** Those that hold an executor now, and those whose tuner was collected since the last claim. */
const all = processWide('executor-holders-all', () => new Set<Holder>());

/** Who asks for an executor. */
interface Claimant {
  /** Who is refused: 'tune()'. */
  readonly caller: string;
  /** What has the executor then, for whoever comes second: "a tuner in mode 'auto'". */
  readonly what: string;
  /** What whoever comes second waits for: 'its stop()'. */
  readonly until: string;
  /** The folder of its ledger; ':memory:' for what has none. */
  readonly stateDir: string;
}

/** @throws {SandtuneError} ERR_SANDTUNE_TUNED when a tuner or a sweep has the executor */
export function claim(executor: Executor, { caller, what, until, stateDir }: Claimant): ExecutorClaim {
  const claimed = [resourceOf(executor), executor, ...executor.knobs];
  const holderOf = () => claimed.map((one) => holders.get(one)).find((one) => one && isAlive(one));
  const other = holderOf();
  if (other) {
    const message = `${caller}: expected an executor that nobody else has, got ${quoted(executor.name)}, which ${other.what} has in this process: await ${other.until} first`;
    throw new SandtuneError('ERR_SANDTUNE_TUNED', message, { cause: other.madeAt });
  }
  for (const one of all) if (!isAlive(one)) all.delete(one);
  const place = JSON.stringify([executor.name, absolutePath(stateDir)]);
  const hasNamesake = stateDir !== ':memory:' && [...all].some((one) => one.place === place);
  const madeAt = new Error('what has the executor was made here');
  Error.captureStackTrace(madeAt, claim);
  const holder: Holder = { tuner: null, what, until, place, madeAt };
  all.add(holder);
  for (const one of claimed) holders.set(one, holder);
  return {
    hasNamesake,
    heldBy(tuner) {
      holder.tuner = new WeakRef(tuner);
    },
    ended() {
      holder.what = 'a tuner that has ended and was not stopped';
    },
    release() {
      all.delete(holder);
      for (const one of claimed) if (holders.get(one) === holder) holders.delete(one);
    },
    isTaken: () => (holderOf() ?? holder) !== holder,
  };
}

function isAlive({ tuner }: Holder): boolean {
  return tuner === null || tuner.deref() !== undefined;
}
