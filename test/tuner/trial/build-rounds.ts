/** Windows of calls that come in rounds, as a recorder counts them. */
import type { Window } from '../../../src/contracts.ts';
import { bench } from '../../measure/support.ts';

export interface RoundsOf {
  /** How long the calls of a round take, ms. */
  readonly takesMs: () => number;
  /** From the end of a round to the beginning of the next. Either this or `afterStartMs` is given. */
  readonly afterEndMs?: (round: number) => number;
  /** From the beginning of a round to the beginning of the next, whether it has ended or not. */
  readonly afterStartMs?: () => number;
}

const callsARound = 4;
const windowMs = 500;
const windowCount = 12;

export function windowsOfRounds({ takesMs, afterEndMs, afterStartMs }: RoundsOf): readonly Window[] {
  const { recorder, time, offer } = bench();
  const beganMs = time.clock.now();
  using open = recorder.openWindow();
  const windows: Window[] = [];
  let due: { readonly atMs: number; readonly happens: () => void }[] = [];
  const at = (atMs: number, happens: () => void) => {
    due = [...due, { atMs, happens }].sort((a, b) => a.atMs - b.atMs);
  };
  const begin = (round: number) => {
    const startMs = time.clock.now();
    const calls = Array.from({ length: callsARound }, () => offer());
    const endMs = startMs + takesMs();
    for (const call of calls) call.dispatched();
    at(endMs, () => {
      for (const call of calls) call.ok(1);
      if (afterEndMs) at(endMs + afterEndMs(round), () => begin(round + 1));
    });
    if (afterStartMs) at(startMs + afterStartMs(), () => begin(round + 1));
  };
  at(beganMs, () => begin(1));
  for (let i = 1; i <= windowCount; i++) at(beganMs + i * windowMs, () => windows.push(open.cut()));
  while (windows.length < windowCount) {
    const [next] = due;
    if (!next) break;
    due = due.slice(1);
    time.advance(Math.max(0, next.atMs - time.clock.now()));
    next.happens();
  }
  return windows;
}
