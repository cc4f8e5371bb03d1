/**
 * A view on a terminal: the entries of one tuner as a story, and what happens now as a status block.
 *
 *   entry() ──▶ viewAfter (pure) ──▶ SharedTerminal ──▶ renderLine, statusLines (pure) ──▶ write
 *
 * A view never breaks the tuner it shows: its errors, also that of a closed pipe, are ignored.
 */
import type { Entry } from '../../../tuner/entries/entries.ts';
import { gap, type StoryLine, text } from './lines.ts';
import type { Paint } from './paint.ts';
import type { SharedTerminal, Teller } from './shared-terminal.ts';
import { initialView, sessionInView, type ViewState } from './state.ts';
import { statusLines } from './status.ts';
import { viewAfter } from './view-after.ts';

export interface LiveView {
  /** One ledger entry, in order: `tuner.watch(view.entry)`. Never throws. */
  readonly entry: (entry: Entry) => void;
  note(text: string): void;
  heading(text: string): void;
  /** Removes the status block; the story stays. A second call does nothing. */
  close(): void;
}

export interface ViewLooks {
  /** Columns now. */
  readonly width: () => number;
  readonly paint: Paint;
  readonly interactive: boolean;
}

const widths = { least: 40, most: 200, unknown: 100 } as const;

export class TerminalView implements LiveView {
  readonly #terminal: SharedTerminal;
  readonly #self: Teller;
  readonly #onLastClosed: () => void;
  #state: ViewState = initialView;
  #closed = false;

  /** @param onLastClosed called when no view is open on the terminal any more */
  constructor(terminal: SharedTerminal, { width, paint, interactive }: ViewLooks, onLastClosed: () => void = () => {}) {
    this.#terminal = terminal;
    this.#onLastClosed = onLastClosed;
    this.#self = {
      paint,
      interactive,
      width: () => boundedColumns(width()),
      name: () => sessionInView(this.#state)?.entry.executor ?? null,
      // A line that fills the last column would wrap on some terminals and spoil the count of lines.
      status: (columns, isOneOfSeveral) => statusLines(this.#state, { width: columns - 1, paint, isOneOfSeveral }),
    };
    terminal.join(this.#self);
  }

  readonly entry = (entry: Entry): void => {
    this.#safely(() => {
      const { state, lines } = viewAfter(this.#state, entry);
      this.#state = state;
      this.#terminal.tell(this.#self, lines, entry.kind === 'session');
    });
  };

  note(note: string): void {
    this.#tell([text('', note)]);
  }

  heading(heading: string): void {
    this.#tell([gap, { kind: 'heading', text: heading }, gap]);
  }

  close(): void {
    this.#safely(() => {
      if (this.#closed) return;
      this.#closed = true;
      if (this.#terminal.leave(this.#self)) this.#onLastClosed();
    });
  }

  #tell(lines: readonly StoryLine[]): void {
    this.#safely(() => this.#terminal.tell(this.#self, lines));
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch {
      // A view that cannot be drawn is no reason to stop tuning.
    }
  }
}

function boundedColumns(columns: number): number {
  return Math.max(widths.least, Math.min(widths.most, Number.isFinite(columns) ? Math.floor(columns) : widths.unknown));
}
