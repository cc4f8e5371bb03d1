/**
 * The live view: a tuner's ledger entries told as a story while it runs. On an interactive terminal
 * a status block stays at the foot and is redrawn in place; elsewhere only the story is written.
 *
 *   tuner.watch ──▶ entry() ──▶ viewAfter (pure) ──▶ renderLine, statusLines (pure) ──▶ write
 *
 * A view never breaks the tuner it shows: its errors, also that of a closed pipe, are ignored.
 */
import { checkBoolean, checkKeys, checkNumber, checkObject, expected } from '../../../src/foundation/options.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { gap, renderLine, type StoryLine, text } from './lines.ts';
import { type Paint, painter, wantsColor } from './paint.ts';
import { initialView, type ViewState } from './state.ts';
import { statusLines } from './status.ts';
import { viewAfter } from './view-after.ts';

export interface LiveViewOptions {
  /** Takes the text. @defaultValue writes to stderr */
  readonly write?: (text: string) => void;
  /** Columns, or how to ask for them anew. @defaultValue those of stderr, else 100 */
  readonly width?: number | (() => number);
  /** @defaultValue stderr is a terminal and neither NO_COLOR nor TERM=dumb says otherwise */
  readonly color?: boolean;
  /** Redraws a status block in place. @defaultValue stderr is a terminal that can */
  readonly interactive?: boolean;
}

export interface LiveView {
  /** One ledger entry, in order: `tuner.watch(view.entry)`. Never throws. */
  readonly entry: (entry: Entry) => void;
  note(text: string): void;
  heading(text: string): void;
  /** Removes the status block; the story stays. A second call does nothing. */
  close(): void;
}

const widths = { least: 40, most: 200, unknown: 100 } as const;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function createLiveView(options: LiveViewOptions = {}): LiveView {
  checkObject('createLiveView()', options);
  checkKeys('createLiveView()', options, ['write', 'width', 'color', 'interactive']);
  const { width, write } = options;
  if (write !== undefined && typeof write !== 'function') throw expected('write', 'a function that takes text', write);
  if (typeof width !== 'function' && width !== undefined) checkNumber('width', width, { min: 1 });
  if (options.color !== undefined) checkBoolean('color', options.color);
  if (options.interactive !== undefined) checkBoolean('interactive', options.interactive);
  const { stderr, env } = process;
  return new TerminalView({
    write: options.write ?? ((text) => void stderr.write(text)),
    width: options.width ?? (() => stderr.columns ?? widths.unknown),
    paint: painter(options.color ?? wantsColor(stderr.isTTY, env)),
    interactive: options.interactive ?? (stderr.isTTY && env['TERM'] !== 'dumb'),
  });
}

interface Surface {
  readonly write: (text: string) => void;
  readonly width: number | (() => number);
  readonly paint: Paint;
  readonly interactive: boolean;
}

class TerminalView implements LiveView {
  readonly #surface: Surface;
  #state: ViewState = initialView;
  /** Lines of the status block on the screen; the cursor stands below them. */
  #drawn = 0;
  #afterGap = true;
  #closed = false;

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
    });
  }

  #show(lines: readonly StoryLine[]): void {
    const { paint, interactive } = this.#surface;
    const width = this.#width();
    const story = this.#withoutDoubleGaps(lines).flatMap((line) => renderLine(line, width, paint));
    // A line that fills the last column would wrap on some terminals and spoil the count of lines.
    const status = interactive && !this.#closed ? statusLines(this.#state, width - 1, paint) : [];
    const erase = this.#drawn > 0 ? `\r\x1b[${this.#drawn}A\x1b[J` : '';
    this.#drawn = status.length;
    const output = erase + [...story, ...status].map((line) => `${line}\n`).join('');
    if (output === '') return;
    // Synchronised output: terminals that know it do not flicker, others ignore it.
    this.#surface.write(interactive ? `\x1b[?2026h${output}\x1b[?2026l` : output);
  }

  #withoutDoubleGaps(lines: readonly StoryLine[]): StoryLine[] {
    return lines.filter((line) => {
      const keep = line.kind !== 'gap' || !this.#afterGap;
      this.#afterGap = line.kind === 'gap';
      return keep;
    });
  }

  #width(): number {
    const { width } = this.#surface;
    const columns = typeof width === 'function' ? width() : width;
    return Number.isFinite(columns)
      ? Math.max(widths.least, Math.min(widths.most, Math.floor(columns)))
      : widths.unknown;
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch {
      // A view that cannot be drawn is no reason to stop tuning.
    }
  }
}
