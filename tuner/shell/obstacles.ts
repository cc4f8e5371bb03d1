/**
 * What keeps tuning from beginning is said once: that no knob may be moved, that no call comes. Both are
 * seen from what the ledger gets.
 */
import type { Executor } from '../../src/contracts.ts';
import { recorderOf } from '../../src/measure/recorder.ts';
import type { Entry, SessionEntry, TunerEvent } from '../entries/entries.ts';
import { mayChange } from '../options.ts';
import type { Announcer } from './announcer.ts';

/** Time in which no call came at all, after which that is worth a word. */
const quietMs = 60_000;

export class Obstacles {
  readonly #announcer: Announcer;
  readonly #executor: Pick<Executor, 'name' | 'withheld'>;
  #quietMs = 0;
  #called = false;

  constructor(announcer: Announcer, executor: Pick<Executor, 'name' | 'withheld'>) {
    this.#announcer = announcer;
    this.#executor = executor;
  }

  onEntry(entry: Entry): void {
    if (entry.kind === 'session') this.#onSession(entry);
    else if (entry.kind === 'event') this.#onEvent(entry.event);
  }

  #onSession({ options, knobs }: SessionEntry): void {
    const triesNothing = !mayChange(options.mode) && options.mode !== 'advise';
    if (triesNothing || knobs.some(({ id }) => !Object.hasOwn(options.fixed, id))) return;
    const { name, withheld = {} } = this.#executor;
    const why = knobs.length === 0 ? 'it has no knobs' : 'all of its knobs are fixed';
    const others = Object.entries(withheld).map(([id, reason]) => `; ${id} is not offered: ${reason}`);
    this.#announcer.once('SANDTUNE_NO_KNOBS', `there is nothing to tune on '${name}': ${why}${others.join('')}`);
  }

  #onEvent(event: TunerEvent): void {
    if (event.kind !== 'measured' || this.#called) return;
    const { offered, backlogAtStart, startMs, endMs } = event.window;
    this.#called = offered + backlogAtStart > 0;
    this.#quietMs += Math.max(0, endMs - startMs);
    if (this.#called || this.#quietMs < quietMs) return;
    // The last call may have been before the first window.
    this.#called = (recorderOf(this.#executor)?.totals().offered ?? 0) > 0;
    if (this.#called) return;
    this.#announcer.once(
      'SANDTUNE_NO_CALLS',
      `no call of '${this.#executor.name}' came in ${Math.round(this.#quietMs / 1000)} s: only calls that go through what wrap() or createSandbox() returned are measured`,
    );
  }
}
