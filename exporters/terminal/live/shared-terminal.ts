/**
 * A terminal, or whatever else takes text, and the views that write to it: the stories of all in the order in
 * which they come, and at the foot the status blocks of all, one below the other, redrawn in place.
 *
 *   view ──▶ tell(view, story) ──▶ the foot goes · story · the foot comes again ──▶ write
 *
 * The foot makes room for what others write here, and is back a moment later.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Timers } from '../../../src/foundation/clock.ts';
import { gap, renderLine, type StoryLine, text } from './lines.ts';
import type { Paint } from './paint.ts';
import { displayWidth } from './text.ts';

export interface Surface {
  readonly write: (text: string) => void;
  /** Columns now. */
  readonly width: () => number;
  /** Rows now; undefined where nobody knows. */
  readonly height?: () => number | undefined;
  readonly timers: Timers;
  /** Begins to tell of what others write here, ahead of it; returns the way to stop that. */
  readonly others?: (before: (text: string) => void) => () => void;
}

/** A view, as its terminal knows it. */
export interface Teller {
  readonly paint: Paint;
  /** Redraws a status block in place. */
  readonly interactive: boolean;
  /** Columns that it fills. */
  width(): number;
  /** What it tells of; null before anybody knows. */
  name(): string | null;
  /** Its lines at the foot; none where there is nothing to say. */
  status(width: number, isOneOfSeveral: boolean): readonly string[];
}

/** How long the foot stays away for what somebody else has written: a burst of lines moves it once. */
const awayMs = 500;

export class SharedTerminal {
  readonly #surface: Surface;
  readonly #views = new Set<Teller>();
  /** Columns of each line at the foot; the cursor stands below them. */
  #drawn: readonly number[] = [];
  #afterGap = true;
  /** Whose story the last line is of. */
  #told: Teller | null = null;
  /** Somebody else's text stands in the line of the cursor. */
  #insideLine = false;
  #writing = false;
  #willReturn = false;
  #stopListening: (() => void) | null = null;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  join(view: Teller): void {
    this.#views.add(view);
  }

  /** Takes what the view has at the foot away; its story stays. @returns whether it was the last one */
  leave(view: Teller): boolean {
    this.#views.delete(view);
    this.#draw([]);
    if (this.#views.size > 0) return false;
    this.#stopListening?.();
    this.#stopListening = null;
    return true;
  }

  /** @param namesItself its first line says what the view tells of */
  tell(view: Teller, story: readonly StoryLine[], namesItself = false): void {
    const name = view.name();
    const isTold = story.some(({ kind }) => kind !== 'gap');
    const isOther = isTold && this.#told !== null && this.#told !== view && name !== null;
    const heading = isOther && !namesItself ? [gap, text('sandtune', [{ text: name, style: 'bold' }], 'title')] : [];
    if (isTold) this.#told = view;
    const width = view.width();
    const lines = this.#withoutDoubleGaps([...heading, ...story]).flatMap((line) =>
      renderLine(line, width, view.paint),
    );
    this.#draw(lines);
  }

  #draw(story: readonly string[]): void {
    const foot = this.#foot();
    const erase = this.#erase();
    const output = erase + [...story, ...foot].map((line) => `${line}\n`).join('');
    this.#drawn = foot.map((line) => displayWidth(stripVTControlCharacters(line)));
    if (output === '') return;
    if (foot.length > 0) this.#stopListening ??= this.#surface.others?.(this.#makeRoom) ?? (() => {});
    const whole = this.#lineEnd() + output;
    // Synchronised output: terminals that know it do not flicker, others ignore it.
    this.#write(erase !== '' || foot.length > 0 ? `\x1b[?2026h${whole}\x1b[?2026l` : whole);
  }

  /** Of a terminal that is lower than the blocks the first lines of each: what has left the screen cannot be redrawn. */
  #foot(): readonly string[] {
    const views = [...this.#views].filter(({ interactive }) => interactive);
    const blocks = views.map((view) => statusOf(view, this.#views.size > 1));
    const most = Math.max(0, (this.#surface.height?.() ?? Infinity) - 1);
    if (blocks.flat().length <= most) return blocks.flat();
    const shown = blocks.filter(({ length }) => length > 0);
    return shown.flatMap((block) => block.slice(0, Math.floor(most / shown.length)));
  }

  /** A terminal that has become narrower since has broken the lines. */
  #erase(): string {
    const columns = Math.max(1, this.#surface.width());
    const rows = this.#drawn.reduce((sum, one) => sum + Math.max(1, Math.ceil(one / columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A\x1b[J` : '';
  }

  /** Somebody else is about to write. */
  readonly #makeRoom = (foreign: string): void => {
    try {
      if (this.#writing || foreign === '') return;
      const erase = this.#erase();
      this.#drawn = [];
      if (erase !== '') this.#write(erase);
      const shown = stripVTControlCharacters(foreign);
      if (shown !== '') this.#insideLine = !shown.endsWith('\n');
    } catch {
      // What others write does not depend on what can be drawn here.
    }
    void this.#returnSoon();
  };

  async #returnSoon(): Promise<void> {
    if (this.#willReturn) return;
    this.#willReturn = true;
    try {
      await this.#surface.timers.sleep(awayMs);
      if (this.#drawn.length === 0) this.#draw([]);
    } catch {
      // The next entry draws it.
    } finally {
      this.#willReturn = false;
    }
  }

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
}

/** One view that fails takes nothing from the others. */
function statusOf(view: Teller, isOneOfSeveral: boolean): readonly string[] {
  try {
    return view.status(view.width(), isOneOfSeveral);
  } catch {
    return [];
  }
}
