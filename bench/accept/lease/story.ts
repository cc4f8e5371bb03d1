/** What a story of the lease is: what happens, what must come of it, and what came. */
import type { GuardOff } from './lines.ts';
import { here, type Place } from './places.ts';
import { type Program, sleep } from './program.ts';
import type { Stage } from './stage.ts';

export interface Outcome {
  readonly isRight: boolean;
  /** What came, in words. */
  readonly came: string;
  /** It could not be played to its end, or not here at all: nothing was shown. */
  readonly unplayed?: 'failed' | 'skipped';
}

export interface Story {
  readonly name: string;
  readonly expected: string;
  /** Faults that must have fired, or nothing was shown. */
  readonly faults: number;
  /** Where it is played beside the usual: where such a place is refused, the story is skipped. */
  readonly place?: Place;
  /** What its programs do against the guard when it is played a second time, to go wrong. */
  readonly control?: GuardOff;
  /** @param guardOff what the programs do against the guard, to see that the story would show it */
  readonly play: (stage: Stage, guardOff?: GuardOff) => Promise<Outcome>;
}

/** By then whoever waits for the lease must have it. */
export const takeOverMs = 30_000;
/** By then an anchor that was written must be in force. */
export const followMs = 5000;
/** Longest trial, with its hold-back, until its end is heard. */
export const trialMs = 45_000;
/** Longer than a lease lasts without a beat. */
export const watchedMs = 20_000;
const mostShown = 12;

export async function pair(stage: Stage, places: readonly [Place, Place] = [here, here]): Promise<[Program, Program]> {
  const holder = await stage.start({}, places[0]);
  return [holder, await stage.start({}, places[1])];
}

/** The time is from the end of the holder, of which it may be heard only after the other has taken over. */
export async function takesOver(program: Program, from = 0): Promise<Outcome> {
  const askedMs = performance.now();
  const heard = await program.until('session', ({ mode }) => mode === 'auto', takeOverMs, from);
  const seconds = ((heard?.atMs ?? 0) - askedMs) / 1000;
  return { isRight: heard !== null, came: heard ? `auto after ${seconds.toFixed(1)} s` : 'never auto' };
}

/** '8 1 16': the sizes that were set, the first of many. */
export function sizesText(sizes: readonly number[]): string {
  const more = sizes.length > mostShown ? ` and ${sizes.length - mostShown} more` : '';
  return sizes.length === 0 ? 'nothing' : `${sizes.slice(0, mostShown).join(' ')}${more}`;
}

export function modes(programs: readonly Program[]): string {
  return programs.map(({ mode }) => mode ?? 'none').join(', ');
}

/** Waits, and says whether the first went on tuning alone. */
export async function firstTunesAlone(programs: readonly Program[], forMs = watchedMs): Promise<Outcome> {
  await sleep(forMs);
  const changed = programs.some((program) => program.of('session').length > 1);
  const isRight = !changed && programs.every(({ mode }, i) => mode === (i === 0 ? 'auto' : 'observe'));
  return { isRight, came: `${modes(programs)}${changed ? ', after a change' : ''}` };
}

/** Has the holder prove a size, and resolves when it is its anchor. @throws {Error} when it does not come to that */
export async function commit(holder: Program, size: number): Promise<number> {
  for (let tries = 0; tries < 4; tries++) {
    const from = holder.heard.length;
    holder.tell({ do: 'propose', size });
    const anchor = holder.until('anchor', (line) => line.size === size, trialMs, from);
    const refused = holder.until('answered', ({ text }) => text !== 'commit', trialMs, from).then(() => null);
    const takenBack = holder.until('decision', ({ decision }) => decision !== 'commit', trialMs, from).then(() => null);
    const heard = await Promise.race([anchor, refused, takenBack]);
    if (heard) return heard.atMs;
  }
  throw new Error(`the holder did not commit ${size}: ${holder.of('decision').at(-1)?.reason ?? 'no decision'}`);
}

/** Resolves when the holder tries a size that is no better, with calls under it. */
export async function inTrial(holder: Program, size = 2): Promise<void> {
  const from = holder.heard.length;
  holder.tell({ do: 'propose', size });
  if (!(await holder.until('applied', (line) => line.size === size, trialMs, from)))
    throw new Error(`the holder did not try ${size}`);
  await sleep(300);
}
