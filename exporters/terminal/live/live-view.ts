/**
 * The live view: a tuner's ledger entries told as a story while it runs. On an interactive terminal
 * a status block stays at the foot and is redrawn in place; elsewhere only the story is written.
 *
 *   tuner.watch ──▶ createLiveView().entry ──▶ terminal-view.ts ──▶ stderr
 */
import { checkBoolean, checkKeys, checkNumber, checkObject, expected } from '../../../src/foundation/options.ts';
import { aheadOfOthers } from './ahead-of-others.ts';
import { painter, wantsColor } from './paint.ts';
import { type LiveView, TerminalView } from './terminal-view.ts';

export type { LiveView } from './terminal-view.ts';

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

/** Columns of a stderr that is no terminal. */
const unknownWidth = 100;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function createLiveView(options: LiveViewOptions = {}): LiveView {
  checkObject('createLiveView()', options);
  checkKeys('createLiveView()', options, ['write', 'width', 'color', 'interactive']);
  const { width, write } = options;
  if (write !== undefined && typeof write !== 'function') throw expected('write', 'a function that takes text', write);
  if (typeof width !== 'function' && width !== undefined) checkNumber('width', width, { min: 1 });
  if (options.color !== undefined) checkBoolean('color', options.color);
  if (options.interactive !== undefined) checkBoolean('interactive', options.interactive);
  const { stdout, stderr, env } = process;
  const isOwn = write === undefined;
  return new TerminalView({
    write: write ?? ((text) => void stderr.write(text)),
    width: typeof width === 'function' ? width : () => width ?? stderr.columns ?? unknownWidth,
    ...(isOwn && { height: () => stderr.rows, others: (before) => aheadOfOthers([stdout, stderr], before) }),
    paint: painter(options.color ?? wantsColor(stderr.isTTY, env)),
    interactive: options.interactive ?? (stderr.isTTY && env['TERM'] !== 'dumb'),
  });
}
