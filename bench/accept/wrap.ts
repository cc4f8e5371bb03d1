/**
 * What `wrap()` promises to a program that has a pool, a function or a sandbox already: kept with piscina 4,
 * 5 and 6, round after round. Each row has the number of times that the promise was put to the test; one
 * that was not has not been kept.
 */
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { PartOptions } from './results.ts';
import type { Row } from './rows.ts';
import { callsPromises } from './wrap/calls-promises.ts';
import { type Copy, copies } from './wrap/copies.ts';
import { errorPromises } from './wrap/error-promises.ts';
import { faultsPromises } from './wrap/faults-promises.ts';
import { functionPromises } from './wrap/function-promises.ts';
import { gatesPromises } from './wrap/gates-promises.ts';
import { guestPromises } from './wrap/guest-promises.ts';
import { ownTestRows } from './wrap/own-tests.ts';
import { poolsPromises } from './wrap/pools-promises.ts';
import { type Promised, Stage, Withheld } from './wrap/stage.ts';

const promises: readonly Promised[] = [
  ...gatesPromises,
  ...errorPromises,
  ...poolsPromises,
  ...functionPromises,
  ...callsPromises,
  ...faultsPromises,
  ...guestPromises,
];
/** By then a round has ended, or it hangs. */
const longestRoundMs = 60_000;

export interface Kept {
  readonly promised: Promised;
  readonly copy: Copy | null;
  readonly rounds: number;
  readonly fired: number;
  /** What came otherwise, in words. */
  readonly wrong: readonly string[];
  /** Why `wrap()` does not promise it for this copy, where it says so. */
  readonly withheld: string | null;
}

export const wrapping = {
  fullCount: 20,
  async run({ count, seed, progress }: PartOptions) {
    const kept: Kept[] = [];
    for (const promised of promises) {
      for (const copy of promised.of === 'each copy' ? copies : [null]) {
        const one = await keep(promised, copy, count, seed);
        kept.push(one);
        progress(rowOf(one).name);
      }
    }
    const rows = kept.map(rowOf);
    for (const copy of copies) {
      for (const row of await ownTestRows(copy)) {
        rows.push(row);
        progress(row.name);
      }
    }
    return { rows, runs: kept.map(runOf) };
  },
};

async function keep(promised: Promised, copy: Copy | null, rounds: number, seed: number): Promise<Kept> {
  const random = randomStream(seed, `${promised.says} ${copy?.name}`);
  const wrong: string[] = [];
  let fired = 0;
  for (let round = 0; round < rounds; round++) {
    await using stage = new Stage(copy ?? (copies[1] as Copy), random);
    const error = await endOfRound(promised.play(stage));
    if (error instanceof Withheld) return { promised, copy, rounds: 0, fired, wrong, withheld: error.message };
    fired += stage.fired;
    wrong.push(...stage.wrong);
    if (error) wrong.push(messageOf(error));
  }
  return { promised, copy, rounds, fired, wrong, withheld: null };
}

/** Resolves with what the round threw, null where it was played to its end. */
async function endOfRound(played: Promise<void>): Promise<unknown> {
  const over = new AbortController();
  const hangs = systemTimers
    .sleep(longestRoundMs, { signal: over.signal, keepAlive: true })
    .then(() => new Error('it hangs'))
    .catch(() => null);
  const end = played.then(
    () => null,
    (error: unknown) => error,
  );
  const first = await Promise.race([end, hangs]);
  over.abort();
  return first;
}

function runOf({ promised, copy, ...kept }: Kept): object {
  return { says: promised.says, copy: copy?.name ?? null, ...kept };
}

/** The value is the number of times that the promise was put to the test. */
export function rowOf({ promised, copy, rounds, fired, wrong, withheld }: Kept): Row {
  const name = copy ? `${copy.name}: ${promised.says}` : promised.says;
  if (withheld !== null) return { name: `${name}. WITHHELD: ${withheld}`, value: 0, limit: 'withheld', passed: null };
  const least = rounds * promised.firesARound;
  const came = wrong.length === 0 ? '' : `. BROKEN ${wrong.length} times, first: ${wrong[0]}`;
  return { name: `${name}${came}`, value: fired, limit: `≥ ${least}`, passed: wrong.length === 0 && fired >= least };
}
