/** Keys 1 to 4 on a terminal: the viewer tries to hurt the demo, and sees it reverted. */
import type { Tuner } from 'sandtune/tuner';
import type { Audience } from './audience.ts';
import type { Harm } from './harms.ts';
import { knobList } from './knob-list.ts';

/** The part of `process.stdin` that is used. */
export type Keyboard = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

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
    if (!harm) return;
    audience.note(`you pressed ${text}: ${knobList(harm.settings)}, ${harm.reason}`);
    try {
      tuner.propose(harm.settings, `key ${text}: ${harm.reason}`).then(
        (decided) =>
          audience.note(
            `your ${knobList(harm.settings)}: ${decided.decision}, ${decided.trigger}; ${decided.callsAffected} calls saw it`,
          ),
        () => audience.note(`your ${knobList(harm.settings)} was not tried: the tuner has ended`),
      );
    } catch (error) {
      audience.note((error as Error).message);
    }
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
