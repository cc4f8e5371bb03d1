/**
 * A look at what is proposed comes before its trial, where a change of width, batch size or transport shows at once what
 * it does: a look takes a second, and a trial half a minute, after which what was tried has often to be left for
 * something better.
 *
 * Where no look may be made for now, what was not seen is not offered either: a model whose law is wrong goes on
 * offering the next best of it, and what was seen to be better would never come to its trial.
 */
import type { Proposal, Seen } from '../../src/contracts.ts';
import { changes, sameSettings } from '../entries/settings.ts';
import { widthKnobs } from './points.ts';

const showingAtOnce: ReadonlySet<string> = new Set([...widthKnobs, 'batchSize']);

/** True for what is proposed without having been seen, and would show at once what it does. */
export function asksForLook({ windows, current }: Pick<Seen, 'windows' | 'current'>, { settings }: Proposal): boolean {
  if (windows.some((window) => sameSettings(window.settings, settings))) return false;
  const moved = changes(current, settings).map(([id]) => id);
  return moved.includes('transport') || moved.every((id) => showingAtOnce.has(id));
}
