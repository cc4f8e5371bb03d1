import type { Entry } from 'sandtune/tuner';

/** Who is told how it goes. */
export interface Audience {
  heading(text: string): void;
  note(text: string): void;
  entry(entry: Entry): void;
}
