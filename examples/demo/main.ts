/**
 * `npm start`: sandtune on real guests and real files. Progress goes to stderr: where that is no terminal as
 * plain lines, and with `--json` not at all; the result goes to stdout, as a page of text or as JSON alone.
 */
import { isSandtuneError } from 'sandtune';
import { createLiveView } from 'sandtune/exporters';
import type { Audience } from './audience.ts';
import { faultsOf } from './faults.ts';
import { harms } from './harms.ts';
import { listenForHarm } from './keys.ts';
import { type DemoOptions, demoUsage, parseDemoOptions } from './options.ts';
import { widthOfPage } from './page.ts';
import { demoResultText } from './result-text.ts';
import { runStory } from './story.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'number') return options;
  const abort = new AbortController();
  const view = process.stderr.isTTY || !options.json ? createLiveView() : silent;
  const onInterrupt = (by: 'SIGINT' | 'SIGTERM') => {
    if (abort.signal.aborted) process.exit(130);
    view.note(`${by}: everything goes back to the anchor, and what there is gets its report; once more exits at once`);
    abort.abort(by);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  let stopListening = () => {};
  try {
    const result = await runStory(options, view, abort.signal, ({ tuner }) => {
      if (process.stderr.isTTY && process.stdin.isTTY)
        stopListening = listenForHarm(tuner, harms, view, () => onInterrupt('SIGINT'));
    });
    view.close();
    if (result === null) return 130;
    const text = options.json
      ? `${JSON.stringify(result, null, 2)}\n`
      : demoResultText(result, widthOfPage(process.stdout.columns, process.env['COLUMNS']));
    process.stdout.write(text);
    const faults = faultsOf(result);
    for (const fault of faults) process.stderr.write(`${fault}\n`);
    return faults.length === 0 ? 0 : 1;
  } catch (error) {
    view.close();
    if (abort.signal.aborted) return 130;
    const text = isSandtuneError(error)
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`${text}\n`);
    return isSandtuneError(error) &&
      ['ERR_SANDTUNE_OPTION', 'ERR_SANDTUNE_INPUT', 'ERR_SANDTUNE_GOAL'].includes(error.code)
      ? 2
      : 1;
  } finally {
    stopListening();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

function readOptions(args: readonly string[]): DemoOptions | number {
  try {
    const options = parseDemoOptions(args);
    if (options !== 'help') return options;
    process.stdout.write(demoUsage);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${demoUsage}`);
    return 2;
  }
}

const silent: Audience & { close(): void } = { heading: () => {}, note: () => {}, entry: () => {}, close: () => {} };

for (const stream of [process.stdout, process.stderr]) {
  // The reader of a pipe may have ended (`npm start | head -3`): the run goes on, and its exit code tells.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
