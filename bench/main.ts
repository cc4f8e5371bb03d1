/** `npm run bench -- list`, `npm run bench -- <suite> [--quick | --long] [--seed N] [--json FILE]`. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchSchemaVersion, machineText, type Suite, type SuiteResult, tableOf } from './suite.ts';

const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  core: async () => (await import('./core/suite.ts')).core,
  tuner: async () => (await import('./tuner/suite.ts')).tuner,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    seed: { type: 'string' },
    json: { type: 'string' },
  },
});
const [name = 'list'] = positionals;

if (name === 'list') {
  for (const [suite, load] of Object.entries(suites))
    process.stdout.write(`${suite.padEnd(8)} ${(await load()).about}\n`);
} else {
  const load = suites[name];
  const seed = Number(values.seed ?? 1);
  if (!load) refuse(`expected list or one of ${Object.keys(suites).join(', ')}, got '${name}'`);
  if (!Number.isSafeInteger(seed)) refuse(`--seed: expected an integer, got '${values.seed}'`);
  if (values.quick && values.long) refuse('expected --quick or --long, got both');
  const length = values.quick ? 'quick' : values.long ? 'long' : 'full';
  const suite = await load();
  const figures = await suite.run({ length, seed, progress: (text) => process.stderr.write(`${text}\n`) });
  const result: SuiteResult = {
    schemaVersion: benchSchemaVersion,
    suite: name,
    date: new Date().toISOString(),
    node: process.version,
    machine: machineText(),
    seed,
    length,
    figures,
  };
  process.stdout.write(`${tableOf(result)}\n`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
