/** The package's `tune()` with windows short enough to be killed in many of them, and all it does said aloud. */
import type { Executor, Settings } from '../../../src/contracts.ts';
import { systemMeters } from '../../../src/measure/meters.ts';
import { changes, sameSettings } from '../../../tuner/entries/settings.ts';
import { type Entry, type TuneOptions, type Tuner, tune as tuneAsIs } from '../../../tuner/index.ts';
import { effectiveSettings } from '../../../tuner/shell/apply.ts';
import { replaceMethod } from '../replace-method.ts';
import { takeAway } from './guards.ts';
import { digestOf, say, settingsIn, whatOf } from './said.ts';
import { optionsVariable, type WatchedOptions } from './watched-options.ts';

export function tune(executor: Executor, options: TuneOptions): Tuner {
  const { seed, expert, proposals, without } = JSON.parse(process.env[optionsVariable] ?? '') as WatchedOptions;
  const inForce = takeAway(without);
  // Whether more threads are worth a probe must not depend on what else runs on this machine.
  replaceMethod(systemMeters, 'idleCpuMs', () => () => Number.NaN);
  say({ kind: 'opening', configured: effectiveSettings(executor.knobs) });
  let anchor: Settings | null = null;
  const open = executor.openWindow.bind(executor);
  const sayAndOpen = () => {
    const settings = effectiveSettings(executor.knobs);
    inForce(settings);
    say({ kind: 'measuring', onAnchor: anchor === null || sameSettings(settings, anchor) });
    return open();
  };
  Object.defineProperty(executor, 'openWindow', { value: sayAndOpen });
  // A guardrail on p99 would need more calls than such windows hold.
  const tuner = tuneAsIs(executor, { ...options, subjectTo: ['errors < 10%'], seed, expert });
  const watch = new Watch(tuner);
  tuner.watch((entry) => {
    anchor = tuner.anchor;
    watch.hear(entry);
  });
  const proposal = proposals.find((one) => changes(tuner.anchor, { ...tuner.anchor, ...one }).length > 0);
  if (proposal && tuner.mode === 'auto')
    void tuner.propose(proposal, 'to be killed in its trial').catch(() => undefined);
  return tuner;
}

/** Says each entry, and how many of them the ledger has said to be on disk. */
class Watch {
  readonly #tuner: Tuner;
  #session = 0;
  #place = 0;
  #asked = false;

  constructor(tuner: Tuner) {
    this.#tuner = tuner;
  }

  hear(entry: Entry): void {
    const { session } = entry;
    this.#place = session === this.#session ? this.#place + 1 : 1;
    this.#session = session;
    const settings = settingsIn(entry);
    say({
      kind: 'entry',
      session,
      place: this.#place,
      what: whatOf(entry),
      digest: digestOf(entry),
      ...(settings && { settings }),
    });
    if (this.#asked) return;
    this.#asked = true;
    // The entries of one step are heard in one turn, and asked after together.
    queueMicrotask(() => void this.#sayWhenDurable());
  }

  async #sayWhenDurable(): Promise<void> {
    this.#asked = false;
    const [session, place] = [this.#session, this.#place];
    try {
      await this.#tuner.ledger.durable();
      say({ kind: 'durable', session, place });
    } catch {
      // What could not be written is not said to be on disk.
    }
  }
}
