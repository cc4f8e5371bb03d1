/** An act begins between trials: what it proposes would wait for the one before, and its heading for minutes with it. */
import { setTimeout } from 'node:timers/promises';
import { openTrial, type Tuner } from 'sandtune/tuner';
import type { Audience } from './audience.ts';
import { alike } from './grid.ts';
import { changedText } from './knob-list.ts';

type Watched = Pick<Tuner, 'history' | 'watch'>;

/** Writes the heading of an act once what is on trial is over, and says before what is waited for. */
export async function headingInTurn(
  tuner: Watched,
  audience: Pick<Audience, 'heading' | 'note'>,
  title: string,
  signal: AbortSignal,
): Promise<void> {
  const open = openTrial(tuner.history);
  if (open) {
    const what = { 'a/a': 'the noise', candidate: 'the trial', 'hold-back': 'the hold-back' }[open.purpose];
    const change = open.purpose === 'a/a' ? '' : ` of ${changedText(open.baseline, open.candidate)}`;
    audience.note(`next: ${title}; ${what}${change} comes to its end first`);
    await Promise.race([betweenTrials(tuner), until(2 ** 31 - 1, signal)]);
  }
  audience.heading(title);
}

/** Resolves once what is on trial is decided and, if it was kept, its hold-back is over. */
export async function betweenTrials(tuner: Watched): Promise<void> {
  const first = openTrial(tuner.history);
  if (first === null) return;
  const free = Promise.withResolvers<void>();
  const stop = tuner.watch(() => {
    const open = openTrial(tuner.history);
    if (open === null || !alike(open.candidate, first.candidate)) free.resolve();
  });
  await free.promise;
  stop();
}

/** Resolves after `ms`. @throws the signal's reason as soon as it is aborted, at once where it has been */
export async function until(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { ref: false, signal });
  } catch {
    throw signal.reason;
  }
}
