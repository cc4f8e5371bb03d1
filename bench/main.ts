/** `npm run bench -- list`, `npm run bench -- <suite> [--quick] [--seed N] [--json FILE]`. */
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
  if (!load) {
    process.stderr.write(`expected list or one of ${Object.keys(suites).join(', ')}, got '${name}'\n`);
    process.exit(2);
  }
  const quick = values.quick === true;
  const seed = values.seed === undefined ? 1 : Number(values.seed);
  const suite = await load();
  const figures = await suite.run({ quick, seed, progress: (text) => process.stderr.write(`${text}\n`) });
  const result: SuiteResult = {
    schemaVersion: benchSchemaVersion,
    suite: name,
    date: new Date().toISOString(),
    node: process.version,
    machine: machineText(),
    seed,
    quick,
    figures,
  };
  process.stdout.write(`${tableOf(result)}\n`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
