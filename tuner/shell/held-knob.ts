/**
 * A knob as the tuner holds it. What it reads is checked, what it was asked for is read back, and a
 * request that it answers only after the tuner has asked for something else does not stay in force.
 *
 *   apply(8) ──▶ no answer in time ──▶ apply(1) ──▶ in force ── 8 lands late ──▶ apply(1) again
 *
 * There is one holder a knob, whoever tunes its executor: what lands late gives way to what was asked
 * for last, also when that was another tuner.
 */
import type { Knob, KnobSpec, OptionSetting, Patch, SettingValue } from '../../src/contracts.ts';
import { domainText, isSettingValue } from '../../src/executor/domain.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';
import { optionsShape } from '../entries/settings-shape.ts';
import { answerOf, callLimits, NoAnswer, type Patience } from './foreign-calls.ts';
import { warn } from './warn.ts';

export type KnobReading = ReturnType<Knob['read']>;

const holders = new WeakMap<Knob, HeldKnob>();

export function held(knob: Knob): HeldKnob {
  const holder = holders.get(knob) ?? new HeldKnob(knob);
  holders.set(knob, holder);
  return holder;
}

/** A request that the knob has not answered. */
interface Request {
  readonly value: SettingValue;
  /** How long it was waited for in vain. */
  waitedMs: number;
}

export class HeldKnob {
  readonly id: string;
  readonly #knob: Knob;
  readonly #unanswered = new Set<Request>();
  /** Answers to requests of before. */
  #before: Promise<unknown> = Promise.resolve();
  /** What is to be in force; undefined: the tuner has not said yet. */
  #wanted: SettingValue | undefined;
  /** What was in force when it was read last, or when a request was answered last; undefined: nobody knows. */
  #known: SettingValue | undefined;
  #hasMoved = false;

  constructor(knob: Knob) {
    this.id = knob.id;
    this.#knob = knob;
  }

  /** The tuner has moved it at least once. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_KNOB when it cannot be read, or tells what it cannot stand at */
  read(): KnobReading {
    const { id } = this;
    const { requested, effective } = tellingOf(this.#knob);
    for (const [name, value] of Object.entries({ requested, effective })) {
      if (isOfKind(this.#knob, value)) continue;
      throw knobError(
        `${id}: expected read() to tell ${name} as ${domainText(this.#knob.domain)}, got ${quoted(value)}`,
      );
    }
    this.#known = effective;
    return { requested, effective };
  }

  /** The value in force, as far as it is known. */
  get value(): SettingValue | undefined {
    try {
      return this.read().effective;
    } catch {
      return this.#known;
    }
  }

  /** What it may be taken to stand at: what is in force and what was requested, or what is known where it cannot be read. */
  get standing(): readonly (SettingValue | undefined)[] {
    try {
      const { requested, effective } = this.read();
      return [effective, requested];
    } catch {
      return [this.#known];
    }
  }

  /** True where the knob says so. One that cannot be read stands where it last said it does. */
  isAt(value: SettingValue): boolean {
    try {
      const { requested, effective } = this.read();
      return requested === value && effective === value;
    } catch {
      return this.#known === value;
    }
  }

  /**
   * True where the knob cannot be read, and somebody who can tell says that it is at `value`: that is
   * what is known of it from now on.
   */
  isToldToBeAt(value: SettingValue, told: SettingValue | undefined): boolean {
    try {
      this.read();
      return false;
    } catch {
      if (told !== undefined) this.#known = told;
      return told === value;
    }
  }

  /** `value` is to stay in force, whatever lands late. */
  want(value: SettingValue): void {
    this.#wanted = value;
  }

  /** How long the knob has been waited for in vain to come to `value`. */
  waitedMs(value: SettingValue): number {
    return [...this.#unanswered].reduce((sum, one) => sum + (one.value === value ? one.waitedMs : 0), 0);
  }

  /**
   * Puts `value` in force. A request of before that was not answered is waited for a moment, because a
   * knob may take one at a time.
   * @throws {SandtuneError} ERR_SANDTUNE_KNOB when another value is in force afterwards, or it cannot be
   *   read; {NoAnswer}; the signal's reason; whatever the knob threw
   */
  async apply(value: SettingValue, patience: Patience): Promise<void> {
    this.want(value);
    if (this.#unanswered.size > 0)
      await answerOf(this.#before, this.id, { ...patience, limitMs: callLimits.momentMs }).catch(() => undefined);
    patience.signal?.throwIfAborted();
    const request: Request = { value, waitedMs: 0 };
    try {
      await answerOf(this.#request(request, patience), `${this.id}: apply(${quoted(value)})`, patience);
    } catch (error) {
      if (error instanceof NoAnswer) request.waitedMs = patience.limitMs;
      throw error;
    }
    const { requested, effective } = this.read();
    if (requested === value && effective === value) return;
    throw knobError(
      `${this.id}: expected ${quoted(value)} in force after apply(), read ${quoted(effective)}${requested === effective ? '' : `, and ${quoted(requested)} as requested`}`,
    );
  }

  #request(request: Request, patience: Patience): Promise<void> {
    this.#hasMoved = true;
    this.#known = undefined;
    this.#unanswered.add(request);
    const answer = (async () => {
      await this.#knob.apply(request.value as never);
    })();
    const answered = () => {
      this.#unanswered.delete(request);
      // It is awake: what was waited for before says nothing of how long it takes now.
      for (const one of this.#unanswered) one.waitedMs = 0;
      if (request.value !== this.#wanted) void this.#correct(request.value, patience);
    };
    answer.then(() => {
      this.#known = request.value;
      answered();
    }, answered);
    this.#before = answer;
    return answer;
  }

  /** `landed` was answered after something else had been asked for. */
  async #correct(landed: SettingValue, { timers, say = warn }: Patience): Promise<void> {
    // A knob that takes one request at a time comes to the newer one now, by itself.
    if (this.#unanswered.size > 0) await timers.sleep(callLimits.momentMs);
    const wanted = this.#wanted;
    // Neither what its owner set meanwhile nor what was asked for since is touched.
    if (wanted === undefined || wanted === landed || this.value !== landed) return;
    try {
      await this.apply(wanted, { timers, say, limitMs: callLimits.answerMs });
    } catch (error) {
      const text = `the knob '${this.id}' came to ${quoted(landed)} when ${quoted(wanted)} had been asked for, and did not go back: ${messageOf(error)}`;
      say('SANDTUNE_KNOB', text);
    }
  }
}

/** The executor was closed, so that there is nothing to return to. */
export function isClosed(error: unknown): boolean {
  return isSandtuneError(error) && error.code === 'ERR_SANDTUNE_CLOSED';
}

/** The same of what a tuner made of it. */
export function isOfClosed(error: unknown): boolean {
  return isClosed(error) || (isSandtuneError(error) && isClosed(error.cause));
}

/**
 * The edit that makes `value` permanent.
 * @throws {SandtuneError} ERR_SANDTUNE_KNOB when the knob gives no text to put in place of another; whatever it threw
 */
export function patchOf(knob: Knob, value: SettingValue): Patch {
  const { file, line, endsFile, before, after, options } = knob.patch(value as never) ?? {};
  const isText = (one: unknown) => typeof one === 'string';
  if (isText(before) && isText(after) && (file === undefined || isText(file)))
    return {
      ...(file !== undefined && { file }),
      ...(Number.isSafeInteger(line) && { line: line as number }),
      ...(endsFile === true && { endsFile }),
      before,
      after,
      ...(optionsShape(options) && { options: options as readonly OptionSetting[] }),
    };
  throw knobError(
    `${knob.id}: expected patch() to give { before, after } as texts, got ${quoted({ file, before, after })}`,
  );
}

export function knobError(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_KNOB', message, { cause });
}

/** A knob may answer with anything, and looking at that may throw as well. */
function tellingOf(knob: Knob): KnobReading {
  try {
    const { requested, effective } = knob.read();
    return { requested, effective };
  } catch (cause) {
    throw knobError(`${knob.id}: expected read() to tell what is in force, got: ${messageOf(cause)}`, cause);
  }
}

/** A value of the type the knob has. It may lie outside the domain, where its owner put it there. */
function isOfKind({ domain }: KnobSpec, value: unknown): boolean {
  if (!isSettingValue(value)) return false;
  return 'min' in domain ? typeof value === 'number' : domain.some((one) => typeof one === typeof value);
}
