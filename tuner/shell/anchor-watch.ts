/**
 * Watches where the holder of the lease stands, for a session that follows. The writer's thread reads it
 * every second, and it is told when it is another than before. What is not followed is said.
 */
import type { Settings } from '../../src/contracts.ts';
import type { Timers } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { SessionEntry, TunerRecord } from '../entries/entries.ts';
import { settingsKey } from '../entries/settings.ts';
import type { TunerLedger } from '../ledger.ts';
import type { Announcer } from './announcer.ts';

const everyMs = 1000;
/** Longest that a session waits for the first look, so that it goes to the holder's anchor at once. */
const firstLookMs = 1000;

export interface AnchorWatchOptions {
  readonly ledger: TunerLedger;
  readonly timers: Timers;
  readonly announcer: Announcer;
  readonly onAnchor: (settings: Settings) => void;
  readonly onTrouble: (error: StoreError) => void;
}

export class AnchorWatch {
  readonly #options: AnchorWatchOptions;
  readonly #over = new AbortController();
  /** A holder that stands where this session begins is nothing to tell. */
  #told: string;

  private constructor({ anchor }: SessionEntry, options: AnchorWatchOptions) {
    this.#options = options;
    this.#told = settingsKey(anchor);
  }

  /** null for a session that does not follow. */
  static of(entry: SessionEntry, options: AnchorWatchOptions): AnchorWatch | null {
    return entry.follows ? new AnchorWatch(entry, options) : null;
  }

  /** Begins to look now and then, until the end. Resolves after the first look, or when that takes long. */
  async begin(): Promise<void> {
    const { signal } = this.#over;
    const late = this.#options.timers.sleep(firstLookMs, { signal }).catch(() => undefined);
    await Promise.race([this.#keepLooking(), late]);
  }

  /** The anchor that was told last was not taken, for a reason that is over: it is told again. */
  tellAgain(): void {
    this.#told = '';
  }

  /** Says of an anchor that it is not followed any more, or cannot be. */
  say(records: readonly TunerRecord[]): void {
    for (const record of records)
      if (record.kind === 'follow' && record.outcome !== 'taken')
        this.#options.announcer.say('SANDTUNE_FOLLOWING', textOf(record.settings, record.reason));
  }

  end(): void {
    this.#over.abort();
  }

  /** Resolves after the first look. */
  async #keepLooking(): Promise<void> {
    await this.#look();
    void this.#goOn();
  }

  async #goOn(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#options.timers.sleep(everyMs, { signal }).catch(() => undefined);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { ledger, announcer, onAnchor, onTrouble } = this.#options;
    if (this.#over.signal.aborted) return;
    try {
      const { anchorOfHolder: held } = await ledger.state();
      if (this.#over.signal.aborted || held === null || settingsKey(held.settings) === this.#told) return;
      this.#told = settingsKey(held.settings);
      const otherwise = 'it was configured with another default than this one';
      if (held.sameDefault) onAnchor(held.settings);
      else announcer.once('SANDTUNE_FOLLOWING', textOf(held.settings, otherwise));
    } catch (error) {
      if (error instanceof StoreError) onTrouble(error);
      else announcer.once('SANDTUNE_FOLLOWING', `the process that tunes is not followed: ${messageOf(error)}`);
    }
  }
}

function textOf(settings: Settings, reason: string): string {
  return `the process that tunes stands on ${JSON.stringify(settings)}, which is not followed here: ${reason}`;
}
