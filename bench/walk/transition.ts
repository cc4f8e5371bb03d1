/** The files of the tuner one event passes through, for each event of whole sessions. */
import { transition } from '../../tuner/loop/transition.ts';
import { EnteredFiles } from './entered.ts';
import { playSessions } from './session.ts';

/** The events of one kind that were met in one phase. */
export interface EventWalk {
  /** 'phase ← event' */
  readonly name: string;
  readonly count: number;
  /** What the longest of their walks entered. */
  readonly files: readonly string[];
}

/** Reading V8's counts takes milliseconds: events of one kind, in one phase, with one answer are looked at so often. */
const mostLooks = 20;

/** @param lengthOf how long the walk through these files is */
export async function walkTransitions(lengthOf: (files: readonly string[]) => number): Promise<readonly EventWalk[]> {
  const sessions = await playSessions();
  const walks = new Map<string, EventWalk>();
  const looks = new Map<string, number>();
  const entered = new EnteredFiles();
  for (const { state, event } of sessions.flat()) {
    const name = `${state.phase.kind} ← ${event.kind}`;
    const known = walks.get(name);
    const { state: next, action, records } = transition(state, event);
    const answer = [name, next.phase.kind, action?.kind, ...records.map(({ kind }) => kind)].join(' ');
    const looked = looks.get(answer) ?? 0;
    looks.set(answer, looked + 1);
    let files = known?.files ?? [];
    if (looked < mostLooks) {
      entered.take();
      transition(state, event);
      const seen = entered.take();
      if (!known || lengthOf(seen) > lengthOf(files)) files = seen;
    }
    walks.set(name, { name, count: (known?.count ?? 0) + 1, files });
  }
  entered.end();
  return [...walks.values()];
}
