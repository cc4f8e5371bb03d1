/**
 * The live view: a tuner's ledger entries told as a story while it runs. On an interactive terminal
 * a status block stays at the foot and is redrawn in place; elsewhere only the story is written. Views that
 * write to the same place share it, and say of which executor each line is.
 *
 *   tuner.watch ──▶ createLiveView().entry ──▶ terminal-view.ts ──▶ shared-terminal.ts ──▶ stderr
 */
import { systemTimers } from '../../../src/foundation/clock.ts';
import { checkBoolean, checkKeys, checkNumber, expected } from '../../../src/foundation/options.ts';
import { aheadOfOthers } from './ahead-of-others.ts';
import { painter, wantsColor } from './paint.ts';
import { SharedTerminal, type Surface } from './shared-terminal.ts';
import { type LiveView, TerminalView } from './terminal-view.ts';

export type { LiveView } from './terminal-view.ts';

export interface LiveViewOptions {
  /** Takes the text. @defaultValue writes to stderr */
  readonly write?: (text: string) => void;
  /** Columns, or how to ask for them anew. @defaultValue those of stderr, else 100 */
  readonly width?: number | (() => number);
  /** Whether to colour it. @defaultValue stderr is a terminal and neither NO_COLOR nor TERM=dumb says otherwise */
  readonly color?: boolean;
  /** Redraws a status block in place. @defaultValue stderr is a terminal that can */
  readonly interactive?: boolean;
}

/** Columns of a stderr that is no terminal. */
const unknownWidth = 100;

/**
 * What a tuner does, told on a terminal as it happens: `tuner.watch(createLiveView().entry)`.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function createLiveView(options: LiveViewOptions = {}): LiveView {
  checkKeys('createLiveView()', options, ['write', 'width', 'color', 'interactive']);
  const { width, write } = options;
  if (write !== undefined && typeof write !== 'function') throw expected('write', 'a function that takes text', write);
  if (typeof width !== 'function' && width !== undefined) checkNumber('width', width, { min: 1 });
  if (options.color !== undefined) checkBoolean('color', options.color);
  if (options.interactive !== undefined) checkBoolean('interactive', options.interactive);
  const { stderr, env } = process;
  const columns = typeof width === 'function' ? width : () => width ?? stderr.columns ?? unknownWidth;
  const place = write ?? stderr;
  const terminal =
    terminals.get(place) ?? new SharedTerminal(write ? onlyWritten(write, columns) : ownTerminal(columns));
  terminals.set(place, terminal);
  return new TerminalView(
    terminal,
    {
      width: columns,
      paint: painter(options.color ?? wantsColor(stderr.isTTY, env)),
      interactive: options.interactive ?? (stderr.isTTY && env['TERM'] !== 'dumb'),
    },
    () => terminals.delete(place),
  );
}

/** Those with open views, by what takes their text. */
const terminals = new WeakMap<object, SharedTerminal>();

/** stderr. @param width columns now */
export function ownTerminal(width: () => number): Surface {
  const { stdout, stderr } = process;
  return {
    write: (text) => void stderr.write(text),
    width,
    height: () => stderr.rows,
    timers: systemTimers,
    others: (before) => aheadOfOthers([stdout, stderr], before),
  };
}

function onlyWritten(write: (text: string) => void, width: () => number): Surface {
  return { write, width, timers: systemTimers };
}
