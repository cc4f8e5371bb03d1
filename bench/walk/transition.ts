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

/** @param lengthOf how long the walk through these files is */
export async function walkTransitions(lengthOf: (files: readonly string[]) => number): Promise<readonly EventWalk[]> {
  const sessions = await playSessions();
  const walks = new Map<string, EventWalk>();
  const entered = new EnteredFiles();
  for (const { state, event } of sessions.flat()) {
    entered.take();
    transition(state, event);
    const files = entered.take();
    const name = `${state.phase.kind} ← ${event.kind}`;
    const known = walks.get(name);
    const longest = known && lengthOf(known.files) >= lengthOf(files) ? known.files : files;
    walks.set(name, { name, count: (known?.count ?? 0) + 1, files: longest });
  }
  entered.end();
  return [...walks.values()];
}
