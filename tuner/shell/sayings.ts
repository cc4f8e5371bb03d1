/**
 * What a tuner says of its end and of its ledger, in words. It says so by its announcer, so that who reads no
 * ledger hears of it too.
 */
import { messageOf } from '../../src/foundation/errors.ts';
import { durationText } from '../../src/foundation/units.ts';
import { leaseMs } from '../../src/store/lease.ts';
import type { StoreError } from '../../src/store/store-error.ts';
import type { RecordOf, TunerRecord } from '../entries/entries.ts';
import { amountText } from '../goal.ts';
import type { SessionHistory } from '../history.ts';
import type { Announcer } from './announcer.ts';
import { warn } from './warn.ts';

export class Sayings {
  readonly #announcer: Announcer;
  readonly #executor: string;

  constructor(announcer: Announcer, executor: string) {
    this.#announcer = announcer;
    this.#executor = executor;
  }

  /** Whoever did not ask for the end learns of it. @param failure null where there was none */
  ended(failure: unknown, { ended }: Pick<SessionHistory, 'ended'>): void {
    const say = (why: string) =>
      this.#announcer.say('SANDTUNE_ENDED', `the tuning of '${this.#executor}' has ended: ${why}`);
    if (failure !== null) say(messageOf(failure));
    else if (ended === 'off') say('it was switched off in the ledger');
    else if (ended === 'closed') say('the executor was closed');
  }

  begunAnew(why: StoreError, path: string): void {
    const text = `${why.message}; a new ledger was begun at ${path}`;
    this.#announcer.say('SANDTUNE_LEDGER', text, 'ledger begun anew');
  }

  leaseKept(why: unknown): void {
    const text = `the lease of '${this.#executor}' could not be given back (${messageOf(why)}): another process can tune once it has been silent for ${durationText(leaseMs)}`;
    this.#announcer.say('SANDTUNE_LEDGER', text, 'lease not given back');
  }

  notWritten(why: unknown): void {
    const text = `what '${this.#executor}' did last is not in its ledger yet: ${messageOf(why)}`;
    this.#announcer.say('SANDTUNE_LEDGER', text, 'not written yet');
  }

  /** @param tunes the session changes settings where it can */
  unwritable(reason: string, tunes: boolean): void {
    const kept = `what '${this.#executor}' does is kept in memory and written once it can be`;
    const text = `the ledger cannot be written (${reason}): ${kept}${tunes ? '; nothing is tried until then' : ''}`;
    this.#announcer.say('SANDTUNE_LEDGER', text);
  }

  /** Says of limits that broke or are kept again that they did. */
  limits(records: readonly TunerRecord[]): void {
    for (const record of records) if (record.kind === 'limit') this.#limit(record);
  }

  #limit({ is, guardrail, metric, value, calls }: RecordOf<'limit'>): void {
    const broken = is === 'broken';
    const now = metric === 'errors' ? percentOf(value) : amountText(metric, value);
    const text = `${guardrail} is ${broken ? 'broken now' : 'kept again'}: ${metric} ${now} ${calls > 0 ? `over the newest ${calls} calls` : 'in two windows in a row'} of '${this.#executor}'`;
    warn('SANDTUNE_LIMIT', text);
  }

  /** @param tunes the session changes settings where it can */
  writtenAgain(tunes: boolean): void {
    const text = `the ledger of '${this.#executor}' is written again${tunes ? ', and tuning goes on' : ''}`;
    this.#announcer.say('SANDTUNE_LEDGER', text, 'ledger written again');
  }
}

function percentOf(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
