/**
 * Keeps two settings warm: until that is let go, a change between them only routes calls differently.
 * Whatever a knob keeps is let go again, also what it hands over after nobody waits for it any more.
 */
import type { Knob, Settings } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { knobFailure } from './apply.ts';
import { answerOf, callLimits, type Patience } from './foreign-calls.ts';
import { knobError } from './held-knob.ts';
import { warn } from './warn.ts';

/**
 * Disposing never rejects: what a knob does not let go is told, and changes nothing.
 * @throws {KnobsFailed} naming the knob that keeps nothing warm; the reason of the patience's signal
 */
export async function keepWarm(
  knobs: readonly Knob[],
  a: Settings,
  b: Settings,
  patience: Patience,
): Promise<AsyncDisposable> {
  const kept: Kept[] = [];
  const letGo = async () => {
    await Promise.all(kept.splice(0).map((one) => release(one, patience)));
  };
  for (const knob of knobs) {
    const [from, to] = [valueIn(a, knob.id), valueIn(b, knob.id)];
    if (from === undefined || to === undefined || from === to) continue;
    try {
      patience.signal?.throwIfAborted();
      kept.push(await warmed(knob, from, to, patience));
    } catch (cause) {
      await letGo();
      if (patience.signal?.aborted) throw cause;
      throw knobFailure(knob.id, to, cause);
    }
  }
  return { [Symbol.asyncDispose]: letGo };
}

/** What a knob keeps warm, and the way to let it go. */
interface Kept {
  readonly id: string;
  readonly letGo: () => unknown;
}

async function warmed(knob: Knob, from: unknown, to: unknown, patience: Patience): Promise<Kept> {
  const { id } = knob;
  const answer = (async () => keptOf(id, await knob.keepWarm(from as never, to as never)))();
  let isTooLate = false;
  const letGoIfLate = answer.then(
    (kept) => (isTooLate ? release(kept, patience) : undefined),
    () => undefined,
  );
  try {
    return await answerOf(answer, `${id}: keepWarm(${quoted(from)}, ${quoted(to)})`, patience);
  } catch (error) {
    isTooLate = true;
    const { timers, signal } = patience;
    // Whoever stops is to find nothing at work that was begun for a trial. Most knobs let go in a moment.
    if (signal?.aborted)
      await answerOf(letGoIfLate, `${id}: letting go`, { timers, limitMs: callLimits.momentMs, keepAlive: true }).catch(
        () => undefined,
      );
    throw error;
  }
}

function keptOf(id: string, given: unknown): Kept {
  const dispose = (given as Partial<AsyncDisposable> | null | undefined)?.[Symbol.asyncDispose];
  if (typeof dispose === 'function') return { id, letGo: () => dispose.call(given) };
  throw knobError(`${id}: expected keepWarm() to resolve with an AsyncDisposable, got ${quoted(given)}`);
}

async function release({ id, letGo }: Kept, { timers, say = warn }: Patience): Promise<void> {
  try {
    const released = (async () => {
      await letGo();
    })();
    await answerOf(released, `${id}: letting go`, { timers, limitMs: callLimits.releaseMs, keepAlive: true });
  } catch (error) {
    say('SANDTUNE_KNOB', `the knob '${id}' did not let go what it kept warm: ${messageOf(error)}`);
  }
}
