/** Keys 1 to 4 on a terminal: the viewer tries to hurt the demo, and sees it reverted. */
import { openTrial, type Tuner, triggers } from 'sandtune/tuner';
import type { Audience } from './audience.ts';
import type { Harm } from './harms.ts';
import { knobList } from './knob-list.ts';

/** The part of `process.stdin` that is used. */
export type Keyboard = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

const became = { commit: 'was kept', revert: 'was reverted', hold: 'was not kept' } as const;

/** @returns the way to stop listening and give the terminal back */
export function listenForHarm(
  tuner: Tuner,
  harms: readonly Harm[],
  audience: Audience,
  interrupt: () => void,
  keyboard: Keyboard = process.stdin,
): () => void {
  const onKey = (key: Buffer) => {
    const text = key.toString();
    if (text === '\u0003') return interrupt();
    const harm = harms[Number(text) - 1];
    if (!harm)
      return audience.note(`${JSON.stringify(text.slice(0, 8))} does nothing: 1 to ${harms.length} try to hurt it`);
    const asked = knobList(harm.settings);
    if (tuner.history.phase === 'ended')
      return audience.note(`you pressed ${text}: ${asked} is not tried, because the tuner has ended; Ctrl-C stops`);
    const when = openTrial(tuner.history) === null ? 'tried next' : 'tried once the trial that runs is over';
    audience.note(`you pressed ${text}: ${asked}, ${harm.reason}; ${when}`);
    tuner.propose(harm.settings, `key ${text}: ${harm.reason}`).then(
      (proposed) =>
        audience.note(
          proposed.decision === 'not-decided'
            ? `your ${asked} was not tried: ${proposed.reason}`
            : `your ${asked} ${became[proposed.decision]}: ${triggers[proposed.trigger].says}; ${proposed.callsAffected} calls saw it`,
        ),
      (error: Error) => audience.note(error.message),
    );
  };
  keyboard.setRawMode(true);
  keyboard.on('data', onKey);
  keyboard.resume();
  audience.note(
    `try to hurt it: ${harms.map((harm, index) => `${index + 1} ${knobList(harm.settings)}`).join(' · ')} · Ctrl-C stops`,
  );
  return () => {
    keyboard.off('data', onKey);
    keyboard.setRawMode(false);
    keyboard.pause();
  };
}
