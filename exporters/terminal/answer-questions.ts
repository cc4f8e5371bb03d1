/**
 * Answers the questions of mode confirm: a proven setting is kept when the user presses y. Without a
 * terminal to ask on, the answer is no, and the ledger says so.
 */
import type { Entry } from '../../tuner/entries/entries.ts';
import type { Tuner } from '../../tuner/tune.ts';
import type { LiveView } from './live/live-view.ts';

const ctrlC = '\u0003';

/** Returns the way to stop answering. */
export function answerQuestions(tuner: Tuner, view: LiveView | null): () => void {
  const { stdin } = process;
  const ask = view !== null && stdin.isTTY ? askOnTerminal : declineUnasked;
  let stopAsking = () => {};
  const unwatch = tuner.watch((entry: Entry) => {
    if (entry.kind !== 'record') return;
    if (entry.record.kind === 'decision') stopAsking();
    if (entry.record.kind !== 'ask') return;
    stopAsking = ask(tuner, entry.record.trial, view);
  });
  return () => {
    unwatch();
    stopAsking();
  };
}

function declineUnasked(tuner: Tuner, trial: number): () => void {
  tuner.remark({
    kind: 'note',
    code: 'nobody-to-ask',
    title: 'nobody to ask',
    text: `mode confirm needs a terminal to ask on, so the answer for trial ${trial} is no`,
  });
  tuner.answer(trial, false);
  return () => {};
}

function askOnTerminal(tuner: Tuner, trial: number, view: LiveView | null): () => void {
  const { stdin } = process;
  const stop = () => {
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
  const onKey = (data: Buffer) => {
    const key = data.toString().toLowerCase();
    // A raw terminal sends no signal for Ctrl-C.
    if (key === ctrlC) {
      process.kill(process.pid, 'SIGINT');
      return;
    }
    if (key !== 'y' && key !== 'n') {
      view?.note(`${JSON.stringify(key.slice(0, 8))} is no answer: y keeps it, n leaves things as they are`);
      return;
    }
    view?.note(key === 'y' ? 'you pressed y: it is kept' : 'you pressed n: things stay as they are');
    stop();
    tuner.answer(trial, key === 'y');
  };
  view?.note('press y to keep it, n to leave things as they are');
  stdin.setRawMode(true);
  stdin.on('data', onKey);
  stdin.resume();
  return stop;
}
