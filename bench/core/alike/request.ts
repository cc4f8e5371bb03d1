/**
 * What every arm of a comparison carries for a call, as ours does: an id, the name of an export, two numbers or
 * some bytes, and a deadline, which is looked at when the call begins; and back the id, the result and two times.
 * The host stamps each call twice, and takes no answer that is not of a call which is out.
 */
import { systemClock } from '../../../src/foundation/clock.ts';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Request = readonly [id: number, name: string, a: number, b: number | Bytes, deadlineMs: number];
export type Answer = readonly [id: number, result: number | Bytes, beganMs: number, endedMs: number];

/** As long as ours is told. */
export const deadlineMs = 60_000;

type Exports = Readonly<Record<string, (a: number, b: never) => number | Bytes>>;

/** The guest's exports, and one function of bytes, as a worker of a peer has them. */
export function exportsOf(bytes: Bytes): Exports {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { ...(exports as unknown as Exports), flip: (_, given: Bytes) => flipped(given) };
}

/** @throws when its deadline has passed, or there is no such export */
export function answerTo(exports: Exports, [id, name, a, b, dueMs]: Request): Answer {
  const beganMs = systemClock.now();
  if (beganMs > dueMs) throw new Error('its deadline has passed');
  const called = exports[name];
  if (!called) throw new Error(`no export ${name}`);
  const result = called(a, b as never);
  return [id, result, beganMs, systemClock.now()];
}

/** The same bytes, the first of them turned over. */
export function flipped(bytes: Bytes): Bytes {
  bytes[0] = (bytes[0] as number) ^ 255;
  return bytes;
}

/** A power of two, above all that is in flight. */
const places = 4096;

/** An id stays an integer of 31 bits, as peers send it in shared memory: one at a time, one place has all calls. */
const mostUses = 2 ** 31 / places;

/** The host's side of a peer's calls. An id is a place, and how often that was used before, as far as that is counted. */
export class Requests {
  readonly #sentMs = new Float64Array(places);
  /** Of each place: the id that is out; −1. */
  readonly #ids = new Float64Array(places).fill(-1);
  readonly #uses = new Float64Array(places);
  readonly #free = Array.from({ length: places }, (_, place) => place);
  /** Sum of what calls took, ms. */
  latencyMs = 0;

  next(name: string, a: number, b: number | Bytes): Request {
    const place = this.#free.pop() as number;
    const id = (this.#uses[place] as number) * places + place;
    this.#uses[place] = ((this.#uses[place] as number) + 1) % mostUses;
    this.#ids[place] = id;
    const nowMs = systemClock.now();
    this.#sentMs[place] = nowMs;
    return [id, name, a, b, nowMs + deadlineMs];
  }

  /** @throws when no such call is out */
  result([id, result]: Answer): number | Bytes {
    const place = id & (places - 1);
    if (this.#ids[place] !== id) throw new Error(`no call ${id} is out`);
    this.#ids[place] = -1;
    this.#free.push(place);
    this.latencyMs += systemClock.now() - (this.#sentMs[place] as number);
    return result;
  }
}
