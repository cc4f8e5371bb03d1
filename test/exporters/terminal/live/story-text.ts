/** The story of entries as text, for tests of the live view. */
import { createLiveView } from '../../../../exporters/terminal/live/live-view.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { richStory } from '../../../support/sample-stories.ts';

/** Made once: its windows hold thousands of samples. */
export const richEntries = richStory();

/** What a view without colours and without a status block writes. */
export function storyText(entries: Iterable<Entry>, width = 110): string {
  let text = '';
  const view = createLiveView({
    write: (part) => {
      text += part;
    },
    width,
    color: false,
    interactive: false,
  });
  for (const entry of entries) view.entry(entry);
  view.close();
  return text;
}
