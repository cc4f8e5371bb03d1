/**
 * `npm run bench -- list`
 * `npm run bench -- SUITE | SUITE.GROUP [--quick | --long] [--judge] [--against REF] [--world NAME|FILE] [--seed N] [--seeds N] [--json FILE] [--report FILE]`
 *
 * Exit codes: 0; 1 when --judge found a target that was not reached; 2 for an option that is refused;
 * 130 after ctrl-C.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { systemClock } from '../src/foundation/clock.ts';
import { messageOf } from '../src/foundation/errors.ts';
import { orExit, refuse } from './arguments.ts';
import { openReference } from './arms/reference.ts';
import { core } from './core/suite.ts';
import { checkFigures, type Figure } from './figure.ts';
import { type Command, parseCommand } from './options.ts';
import { stream } from './stream/suite.ts';
import { resultOf, type Suite, type SuiteOptions, type SuiteResult } from './suite.ts';
import { leftOutOf, missedOf, tableOf } from './table.ts';
import { byWorld } from './tuner/bootstrap.ts';
import type { Lap } from './tuner/lap.ts';
import type { Laps } from './tuner/reading.ts';
import { lossesMarkdown } from './tuner/report/losses.ts';
import { renderSuite } from './tuner/report/page.ts';
import { tuner } from './tuner/suite.ts';

// What runs here is compared with itself, and is not to wait for other programs of this machine.
process.env['SANDTUNE_TURNS'] ??= 'process';

const suites: Readonly<Record<string, Suite>> = { core, stream, tuner };

const groupsOf = Object.fromEntries(Object.entries(suites).map(([suite, { groups }]) => [suite, Object.keys(groups)]));
const command = orExit(() => parseCommand(process.argv.slice(2), groupsOf));
if (command.kind === 'list') process.stdout.write(`${listing()}\n`);
else {
  const signal = interrupted();
  try {
    await run(command, signal);
  } catch (error) {
    if (!signal.aborted) refuse(error);
    process.stderr.write(`${messageOf(signal.reason)}\n`);
  }
}

async function run(asked: Extract<Command, { kind: 'run' }>, signal: AbortSignal): Promise<void> {
  const { suite, group, length, seed } = asked;
  const progress = (text: string) => process.stderr.write(`${text}\n`);
  using reference = asked.against === null ? undefined : await openReference(asked.against, { progress, signal });
  const leftOut = new Map<string, string>();
  const laps: Lap[] = [];
  const options: SuiteOptions = {
    length,
    seed,
    progress,
    signal,
    leaveOut: (figure, reason) => leftOut.set(figure, reason),
    ...(reference && { reference }),
    keep: (told) => laps.push(...told),
    ...(asked.seeds !== null && { seeds: asked.seeds }),
    ...(asked.world !== null && { world: asked.world }),
  };
  const figures: Figure[] = [];
  const resultSoFar = () =>
    resultOf(group === null ? suite : `${suite}.${group}`, options, checkFigures(figures), leftOut);
  for (const [name, { run: runGroup }] of Object.entries(suites[suite]?.groups ?? {})) {
    if (group !== null && name !== group) continue;
    const startMs = systemClock.now();
    figures.push(...(await runGroup(options)));
    signal.throwIfAborted();
    progress(`${suite}.${name} took ${Math.round((systemClock.now() - startMs) / 1000)} s`);
    // What ends a run of many groups takes none of the figures that are there.
    if (asked.json !== null) await writeFile(asked.json, jsonOf(resultSoFar()));
  }
  const result = resultSoFar();
  process.stdout.write(`${[tableOf(result), ...leftOutOf(result)].join('\n')}\n`);
  if (asked.report !== null) await writeFile(asked.report, reportOf(asked.report, result, byWorld(laps)));
  if (!asked.judge) return;
  const missed = missedOf(result);
  process.stdout.write(`\n${missed.length === 0 ? 'every target was reached' : missed.join('\n')}\n`);
  if (missed.length > 0) process.exitCode = 1;
}

function jsonOf(result: SuiteResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** A page, or where a Markdown file is asked for the worlds that were lost. */
function reportOf(file: string, result: SuiteResult, laps: Laps): string {
  if (!file.endsWith('.md')) return renderSuite(result, laps);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return lossesMarkdown(result, laps, commit);
}

/**
 * Aborted by the first ctrl-C, so that what was started is ended before the end; a second one does not
 * wait for that. What was checked out is removed either way.
 */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code);
      process.exitCode = code;
      controller.abort(new Error(`ended by ${name}`));
    });
  }
  return controller.signal;
}

function listing(): string {
  return Object.entries(suites)
    .flatMap(([suite, { about, groups }]) => [
      `${suite.padEnd(18)} ${about}`,
      ...Object.entries(groups).map(([group, one]) => `  ${`${suite}.${group}`.padEnd(16)} ${one.about}`),
    ])
    .join('\n');
}
