/** The progress of a stream at the foot of a terminal, redrawn in place some times a second. */
import { type Clock, systemClock, systemTimers, type Timers } from '../../../src/foundation/clock.ts';
import type { StreamProgress } from '../../../src/stream/index.ts';
import { ownTerminal } from '../live/live-view.ts';
import { type Paint, painter, wantsColor } from '../live/paint.ts';
import { SharedTerminal, type Teller } from '../live/shared-terminal.ts';
import { type ProgressState, progressLines } from './progress-lines.ts';
import { samplesWith } from './stream-rate.ts';

const everyMs = 250;
const widest = 200;

export interface ProgressViewParts {
  readonly terminal: SharedTerminal;
  readonly paint: Paint;
  /** Columns now. */
  readonly width: () => number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly progress: () => StreamProgress;
  readonly totalBytes: number | null;
  readonly startBytes: number;
  readonly hasCheckpoints: boolean;
}

export class ProgressView {
  readonly #parts: ProgressViewParts;
  readonly #over = new AbortController();
  readonly #self: Teller;
  #state: ProgressState;

  constructor(parts: ProgressViewParts) {
    this.#parts = parts;
    const { totalBytes, startBytes, hasCheckpoints, paint, width } = parts;
    this.#state = { samples: [], totalBytes, startBytes, hasCheckpoints, isEnding: false };
    this.#self = {
      paint,
      interactive: true,
      width: () => Math.max(1, Math.min(widest, Math.floor(width() || widest))),
      name: () => null,
      // A line that fills the last column would wrap on some terminals.
      status: (columns) => progressLines(this.#state, Math.max(1, columns - 1), paint),
    };
    parts.terminal.join(this.#self);
    void this.#draw();
  }

  /** It was told to end, and what is in flight is being written. */
  ending(): void {
    this.#state = { ...this.#state, isEnding: true };
    this.#sample();
  }

  /** Takes it away. */
  close(): void {
    this.#over.abort();
    this.#parts.terminal.leave(this.#self);
  }

  async #draw(): Promise<void> {
    const { timers } = this.#parts;
    const { signal } = this.#over;
    while (!signal.aborted) {
      this.#sample();
      await timers.sleep(everyMs, { signal }).catch(() => {});
    }
  }

  #sample(): void {
    const { clock, progress, terminal } = this.#parts;
    const newest = { atMs: clock.now(), progress: progress() };
    this.#state = { ...this.#state, samples: samplesWith(this.#state.samples, newest) };
    try {
      terminal.tell(this.#self, []);
    } catch {
      // What cannot be drawn is no reason to end the stream.
    }
  }
}

/** @returns undefined where stderr is no terminal, or one that shows what is written to standard output */
export function progressOnTerminal(
  out: string,
  shown: Pick<ProgressViewParts, 'progress' | 'totalBytes' | 'startBytes' | 'hasCheckpoints'>,
): ProgressView | undefined {
  const { stdout, stderr, env } = process;
  if (!stderr.isTTY || env['TERM'] === 'dumb' || (out === '-' && stdout.isTTY)) return undefined;
  const width = () => stderr.columns;
  return new ProgressView({
    ...shown,
    terminal: new SharedTerminal(ownTerminal(width)),
    paint: painter(wantsColor(true, env)),
    width,
    clock: systemClock,
    timers: systemTimers,
  });
}
