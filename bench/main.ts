/**
 * `npm run bench -- list`
 * `npm run bench -- SUITE | SUITE.GROUP [--quick | --long] [--judge] [--seed N] [--json FILE]`
 *
 * Exit codes: 0; 1 when --judge found a target that was not reached; 2 for an option that is refused.
 */
import { writeFile } from 'node:fs/promises';
import { systemClock } from '../src/foundation/clock.ts';
import { orExit } from './arguments.ts';
import { core } from './core/suite.ts';
import { checkFigures, type Figure } from './figure.ts';
import { type Command, parseCommand } from './options.ts';
import { resultOf, type Suite } from './suite.ts';
import { missedOf, tableOf } from './table.ts';
import { tuner } from './tuner/suite.ts';

const suites: Readonly<Record<string, Suite>> = { core, tuner };

const groupsOf = Object.fromEntries(Object.entries(suites).map(([suite, { groups }]) => [suite, Object.keys(groups)]));
const command = orExit(() => parseCommand(process.argv.slice(2), groupsOf));
if (command.kind === 'list') process.stdout.write(`${listing()}\n`);
else await run(command);

async function run(asked: Extract<Command, { kind: 'run' }>): Promise<void> {
  const { suite, group, length, seed } = asked;
  const progress = (text: string) => process.stderr.write(`${text}\n`);
  const figures: Figure[] = [];
  for (const [name, { run: runGroup }] of Object.entries(suites[suite]?.groups ?? {})) {
    if (group !== null && name !== group) continue;
    const startMs = systemClock.now();
    figures.push(...(await runGroup({ length, seed, progress })));
    progress(`${suite}.${name} took ${Math.round((systemClock.now() - startMs) / 1000)} s`);
  }
  const result = resultOf(group === null ? suite : `${suite}.${group}`, asked, checkFigures(figures));
  process.stdout.write(`${tableOf(result)}\n`);
  if (asked.json !== null) await writeFile(asked.json, `${JSON.stringify(result, null, 2)}\n`);
  if (!asked.judge) return;
  const missed = missedOf(result);
  process.stdout.write(`\n${missed.length === 0 ? 'every target was reached' : missed.join('\n')}\n`);
  if (missed.length > 0) process.exitCode = 1;
}

function listing(): string {
  return Object.entries(suites)
    .flatMap(([suite, { about, groups }]) => [
      `${suite.padEnd(18)} ${about}`,
      ...Object.entries(groups).map(([group, one]) => `  ${`${suite}.${group}`.padEnd(16)} ${one.about}`),
    ])
    .join('\n');
}
