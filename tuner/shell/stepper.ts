/**
 * The stepper handles one event at a time: `transition` decides, the event and all that follows from it
 * are appended to the ledger, and only then does the state change. It says which action is next, and
 * whether that has to wait for the disk.
 */
import type { Executor, Settings } from '../../src/contracts.ts';
import { madeAt } from '../../src/executor/made-at.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import type { Entry, Remark, SessionEntry, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { changes, sameSettings } from '../entries/settings.ts';
import type { TunerLedger } from '../ledger.ts';
import { type Action, initialState, type State } from '../loop/state.ts';
import { transition } from '../loop/transition.ts';
import { inSource } from '../patches/in-source.ts';
import { patchOf } from './held-knob.ts';
import { leavesAnchor } from './intents.ts';
import { asRecorded } from './session.ts';

export interface Stepped {
  readonly records: readonly TunerRecord[];
  /** What went into the ledger: the event, its records, remarks on them. */
  readonly entries: readonly Entry[];
  /** What is to be said of knobs that gave no patch for the first time. */
  readonly unpatched: readonly string[];
}

export class Stepper {
  readonly #session: SessionEntry;
  readonly #executor: Executor;
  readonly #ledger: TunerLedger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #startMs: number;
  #state: State;
  #next: Action = { kind: 'end' };
  #mustBeDurable = false;
  /** Knobs that gave no patch, with what is to be said of that; null once it was given out. */
  readonly #unpatched = new Map<string, string | null>();

  constructor(session: SessionEntry, executor: Executor, ledger: TunerLedger, clock: Pick<Clock, 'now'>) {
    this.#session = session;
    this.#executor = executor;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#state = initialState(session);
  }

  get state(): State {
    return this.#state;
  }

  /** The action that is being carried out, or will be next. An event from outside may replace it. */
  get next(): Action {
    return this.#next;
  }

  /** True while the next action carries out an intent that is not known to be on disk. */
  get mustBeDurable(): boolean {
    return this.#mustBeDurable;
  }

  wasDurable(): void {
    this.#mustBeDurable = false;
  }

  step(event: TunerEvent): Stepped {
    // `transition` gets exactly what a replay will read from the ledger.
    const recorded = asRecorded(event);
    const sinceMs = this.#clock.now() - this.#startMs;
    const { session, options } = this.#session;
    // A commit without a hold-back moves the anchor in this very step: the next start knows the one before it.
    const { anchor: knownAnchor } = this.#state;
    const { state, records, action } = transition(this.#state, recorded, sinceMs);
    const entries: readonly Entry[] = [
      { kind: 'event', session, sinceMs, event: recorded },
      ...records.map((record): Entry => ({ kind: 'record', session, record })),
      ...records
        .flatMap((record) => this.#remarksOn(record))
        .map((remark): Entry => ({ kind: 'remark', session, remark })),
    ];
    const anchor = records.findLast((record) => record.kind === 'anchor');
    const stands = anchor ? { anchor: anchor.settings, ...(options.persist && { keep: anchor.settings }) } : {};
    this.#ledger.append(entries, stands);
    this.#state = state;
    if (action) this.#next = action;
    // The way back to the anchor waits for nothing, also when it overtakes an intent that did.
    const goesBack = action?.kind === 'settle' && sameSettings(action.settings, knownAnchor);
    this.#mustBeDurable = !goesBack && (this.#mustBeDurable || leavesAnchor(records, knownAnchor));
    return { records, entries, unpatched: this.#tellUnpatched() };
  }

  #remarksOn(record: TunerRecord): readonly Remark[] {
    const recommends = (record.kind === 'decision' && record.decision === 'commit') || record.kind === 'recommendation';
    return recommends ? [{ kind: 'patch', settings: record.settings, patches: this.#patches(record.settings) }] : [];
  }

  #patches(settings: Settings): Extract<Remark, { kind: 'patch' }>['patches'] {
    const given = changes(this.#session.anchor, settings).flatMap(([id, , value]) => {
      const knob = this.#executor.knobs.find((one) => one.id === id);
      try {
        return knob ? [{ knob: id, patch: asRecorded(patchOf(knob, value)) }] : [];
      } catch (error) {
        const text = `the knob '${id}' gives no patch for ${value}: ${messageOf(error)}`;
        if (!this.#unpatched.has(id)) this.#unpatched.set(id, text);
        return [];
      }
    });
    return inSource(madeAt(this.#executor), given);
  }

  /** Said only once the step is done, because whoever hears of it may cause another one. */
  #tellUnpatched(): readonly string[] {
    const told = [...this.#unpatched].flatMap(([id, text]) => (text === null ? [] : [[id, text] as const]));
    for (const [id] of told) this.#unpatched.set(id, null);
    return told.map(([, text]) => text);
  }
}

/** True while the session returns to the anchor for good. */
export function isEnding({ phase }: State): boolean {
  return phase.kind === 'ending';
}
