/**
 * ReportData as JSON in pieces, of which none holds more than a trial: a session may have thousands of
 * them, and whoever writes or sends the text need not hold all of it.
 */
import { jsonText } from '../words/printable.ts';
import type { ReportData } from './data.ts';

/** The pieces joined are `data` as JSON, indented, with a line end. */
export function* jsonPieces(data: ReportData): Generator<string> {
  const { trials } = data;
  const frame = `${jsonText({ ...data, trials: [] })}\n`;
  if (trials.length === 0) {
    yield frame;
    return;
  }
  // A text holds no line end in JSON, and only a key of the outermost object stands two columns in.
  const [before = '', after = ''] = frame.split('\n  "trials": []', 2);
  yield `${before}\n  "trials": [`;
  for (const [i, trial] of trials.entries())
    yield `${i === 0 ? '' : ','}\n    ${jsonText(trial).replaceAll('\n', '\n    ')}`;
  yield `\n  ]${after}`;
}
