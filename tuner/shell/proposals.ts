/** The users' proposals that wait for a decision. They get their trials in the order they came. */
import { SandtuneError } from '../../src/foundation/errors.ts';
import type { Decided, TunerRecord } from '../entries/entries.ts';

interface Waiting extends PromiseWithResolvers<Decided> {
  trial: number | null;
}

export class Proposals {
  #waiting: Waiting[] = [];

  /** Adds a proposal that waits for its decision. `withdraw` removes one that could not be recorded. */
  add(): { readonly decided: Promise<Decided>; readonly withdraw: () => void } {
    const waiting = { ...Promise.withResolvers<Decided>(), trial: null };
    this.#waiting.push(waiting);
    // Whoever proposes and does not wait for the decision has no use for the refusal, and must not end by it.
    waiting.promise.catch(() => undefined);
    return {
      decided: waiting.promise,
      withdraw: () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
      },
    };
  }

  onRecord(record: TunerRecord): void {
    if (record.kind === 'sealed' && record.by === 'user') {
      const first = this.#waiting.find((one) => one.trial === null);
      if (first) first.trial = record.trial;
    }
    if (record.kind === 'decision') this.#answer((one) => one.trial === record.trial, record);
    if (record.kind === 'not-tried' && record.code === 'already-in-force' && record.settings !== null) {
      const { settings, reason } = record;
      this.#answer((one) => one.trial === null, {
        kind: 'decision',
        trial: 0,
        decision: 'hold',
        trigger: 'equivalent',
        settings,
        callsAffected: 0,
        afterMs: 0,
        reason,
      });
    }
  }

  /** Rejects every proposal that still waits. */
  end(reason: string, cause?: unknown): void {
    const undecided = this.#waiting;
    this.#waiting = [];
    for (const one of undecided)
      one.reject(new SandtuneError('ERR_SANDTUNE_CLOSED', `proposal not decided: ${reason}`, { cause }));
  }

  #answer(matches: (one: Waiting) => boolean, decided: Decided): void {
    const index = this.#waiting.findIndex(matches);
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(decided);
  }
}
