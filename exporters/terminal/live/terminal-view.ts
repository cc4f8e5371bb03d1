/**
 * A view on a surface that takes text: it writes the story, and redraws a status block at the foot in place.
 *
 *   entry() ──▶ viewAfter (pure) ──▶ renderLine, statusLines (pure) ──▶ write
 *
 * A view never breaks the tuner it shows: its errors, also that of a closed pipe, are ignored.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { gap, renderLine, type StoryLine, text } from './lines.ts';
import type { Paint } from './paint.ts';
import { initialView, type ViewState } from './state.ts';
import { statusLines } from './status.ts';
import { displayWidth } from './text.ts';
import { viewAfter } from './view-after.ts';

export interface LiveView {
  /** One ledger entry, in order: `tuner.watch(view.entry)`. Never throws. */
  readonly entry: (entry: Entry) => void;
  note(text: string): void;
  heading(text: string): void;
  /** Removes the status block; the story stays. A second call does nothing. */
  close(): void;
}

export interface Surface {
  readonly write: (text: string) => void;
  /** Columns now. */
  readonly width: () => number;
  /** Rows now; undefined where nobody knows. */
  readonly height?: () => number | undefined;
  readonly paint: Paint;
  readonly interactive: boolean;
  /** Begins to tell of what others write here, ahead of it; returns the way to stop that. */
  readonly others?: (before: (text: string) => void) => () => void;
}

const widths = { least: 40, most: 200, unknown: 100 } as const;

export class TerminalView implements LiveView {
  readonly #surface: Surface;
  #state: ViewState = initialView;
  /** Columns of each line of the status block on the screen; the cursor stands below them. */
  #drawn: readonly number[] = [];
  #afterGap = true;
  /** Somebody else's text stands in the line of the cursor. */
  #insideLine = false;
  #writing = false;
  #closed = false;
  #stopListening: (() => void) | null = null;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  readonly entry = (entry: Entry): void => {
    this.#safely(() => {
      const { state, lines } = viewAfter(this.#state, entry);
      this.#state = state;
      this.#show(lines);
    });
  };

  note(note: string): void {
    this.#safely(() => this.#show([text('', note)]));
  }

  heading(heading: string): void {
    this.#safely(() => this.#show([gap, { kind: 'heading', text: heading }, gap]));
  }

  close(): void {
    this.#safely(() => {
      if (this.#closed) return;
      this.#closed = true;
      this.#show([]);
      this.#stopListening?.();
    });
  }

  #show(lines: readonly StoryLine[]): void {
    const { paint, interactive } = this.#surface;
    const width = this.#width();
    const story = this.#withoutDoubleGaps(lines).flatMap((line) => renderLine(line, width, paint));
    const status = interactive && !this.#closed ? this.#statusLines(width) : [];
    const output = this.#erase() + [...story, ...status].map((line) => `${line}\n`).join('');
    this.#drawn = status.map((line) => displayWidth(stripVTControlCharacters(line)));
    if (output === '') return;
    if (this.#drawn.length > 0) this.#stopListening ??= this.#surface.others?.(this.#makeRoom) ?? (() => {});
    // Synchronised output: terminals that know it do not flicker, others ignore it.
    this.#write(interactive ? `\x1b[?2026h${this.#lineEnd()}${output}\x1b[?2026l` : output);
  }

  /** Of a terminal that is lower than the block its first lines: what has left the screen cannot be redrawn. */
  #statusLines(width: number): string[] {
    const rows = this.#surface.height?.() ?? Infinity;
    // A line that fills the last column would wrap on some terminals and spoil the count of lines.
    return statusLines(this.#state, width - 1, this.#surface.paint).slice(0, Math.max(0, rows - 1));
  }

  /** Takes the block away. A terminal that has become narrower since has broken its lines. */
  #erase(): string {
    const columns = Math.max(1, this.#columns());
    const rows = this.#drawn.reduce((sum, one) => sum + Math.max(1, Math.ceil(one / columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A\x1b[J` : '';
  }

  /** Somebody else is about to write: the block makes room until the next entry. */
  readonly #makeRoom = (text: string): void => {
    this.#safely(() => {
      if (this.#writing || text === '') return;
      const erase = this.#erase();
      this.#drawn = [];
      if (erase !== '') this.#write(erase);
      const shown = stripVTControlCharacters(text);
      if (shown !== '') this.#insideLine = !shown.endsWith('\n');
    });
  };

  #lineEnd(): string {
    const end = this.#insideLine ? '\n' : '';
    this.#insideLine = false;
    return end;
  }

  #write(output: string): void {
    this.#writing = true;
    try {
      this.#surface.write(output);
    } finally {
      this.#writing = false;
    }
  }

  #withoutDoubleGaps(lines: readonly StoryLine[]): StoryLine[] {
    return lines.filter((line) => {
      const keep = line.kind !== 'gap' || !this.#afterGap;
      this.#afterGap = line.kind === 'gap';
      return keep;
    });
  }

  #width(): number {
    return Math.max(widths.least, Math.min(widths.most, this.#columns()));
  }

  #columns(): number {
    const columns = this.#surface.width();
    return Number.isFinite(columns) ? Math.floor(columns) : widths.unknown;
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch {
      // A view that cannot be drawn is no reason to stop tuning.
    }
  }
}
