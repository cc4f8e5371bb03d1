import type { Entry } from 'sandtune/tuner';

/** Where the story of the demo is shown: a live view, or nowhere. */
export interface Audience {
  heading(text: string): void;
  note(text: string): void;
  entry(entry: Entry): void;
}
