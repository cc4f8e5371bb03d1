/** Keys 1 to 4 on a terminal: the viewer tries to hurt the demo, and sees it taken back. */
import type { Tuner } from 'sandtune/tuner';
import type { Audience, Harm } from './story.ts';

/** @returns the way to stop listening and give the terminal back */
export function listenForHarm(
  tuner: Tuner,
  harms: readonly Harm[],
  audience: Audience,
  interrupt: () => void,
): () => void {
  const { stdin } = process;
  const onKey = (key: Buffer) => {
    const text = key.toString();
    if (text === '\u0003') return interrupt();
    const harm = harms[Number(text) - 1];
    if (!harm) return;
    audience.note(`you pressed ${text}: ${words(harm.settings)}, ${harm.because}`);
    try {
      tuner.propose(harm.settings, `key ${text}: ${harm.because}`).then(
        (decided) =>
          audience.note(
            `your ${words(harm.settings)}: ${decided.decision}, ${decided.trigger}; ${decided.callsAffected} calls saw it`,
          ),
        () => audience.note(`your ${words(harm.settings)} was not tried: the tuner has ended`),
      );
    } catch (error) {
      audience.note((error as Error).message);
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', onKey);
  stdin.resume();
  audience.note(
    `try to hurt it: ${harms.map((harm, index) => `${index + 1} ${words(harm.settings)}`).join(' · ')} · Ctrl-C stops`,
  );
  return () => {
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

function words(settings: Harm['settings']): string {
  return Object.entries(settings)
    .map(([knob, value]) => `${knob} ${String(value)}`)
    .join(', ');
}
