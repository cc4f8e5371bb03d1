/** The users' proposals that wait for a decision. They get their trials in the order they came. */
import type { Decided, NotDecided, NotTriedCode, Proposed, Trigger, TunerRecord } from '../entries/entries.ts';
import { triggers } from '../entries/triggers.ts';

/** Why a user's proposal gets no trial, each with what it is answered. */
const refusals: ReadonlyMap<NotTriedCode, Trigger> = new Map([
  ['already-in-force', 'equivalent'],
  ['ledger', 'ledger'],
]);

interface Waiting extends PromiseWithResolvers<Proposed> {
  trial: number | null;
}

export class Proposals {
  #waiting: Waiting[] = [];

  /** Adds a proposal that waits for its decision. `withdraw` removes one that could not be recorded. */
  add(): { readonly proposed: Promise<Proposed>; readonly withdraw: () => void } {
    const waiting = { ...Promise.withResolvers<Proposed>(), trial: null };
    this.#waiting.push(waiting);
    return {
      proposed: waiting.promise,
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
    if (record.kind === 'decision') {
      const triedAgain = triggers[record.trigger].again && this.#waiting.find((one) => one.trial === record.trial);
      if (triedAgain) triedAgain.trial = null;
      else this.#answer((one) => one.trial === record.trial, record);
    }
    const trigger = record.kind === 'not-tried' ? refusals.get(record.code) : undefined;
    if (trigger && record.kind === 'not-tried' && record.settings !== null) {
      const { settings, reason } = record;
      this.#answer((one) => one.trial === null, {
        kind: 'decision',
        trial: 0,
        decision: 'hold',
        trigger,
        settings,
        callsAffected: 0,
        afterMs: 0,
        reason,
      });
    }
  }

  /** Answers every proposal that still waits: an end that somebody asked for is no error of whoever proposed. */
  end(answer: Omit<NotDecided, 'decision'>): void {
    const undecided = this.#waiting;
    this.#waiting = [];
    for (const one of undecided) one.resolve({ decision: 'not-decided', ...answer });
  }

  #answer(matches: (one: Waiting) => boolean, decided: Decided): void {
    const index = this.#waiting.findIndex(matches);
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(decided);
  }
}
