/**
 * `npm run accept -- demo | harm | null | kill | crash | worlds [--count N] [--seed N]`: one part of
 * the acceptance at full size (tens of minutes; not in CI). Without a part: the table of all that ran.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isAccepted, isPassed, type Part, type PartResult, readParts, savePart, tableOf } from './part.ts';

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  demo: async () => (await import('./demo.ts')).demo,
  harm: async () => (await import('./harm.ts')).harm,
  null: async () => (await import('./null.ts')).nothing,
  kill: async () => (await import('./kill-part.ts')).kill,
  crash: async () => (await import('./crash.ts')).crash,
  worlds: async () => (await import('./worlds.ts')).worlds,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string' } },
});
const [name] = positionals;

if (name === undefined) {
  const results = await readParts();
  const missing = Object.keys(parts).filter((part) => !results.some((one) => one.part === part));
  process.stdout.write(`${tableOf(results)}\n`);
  if (missing.length > 0) process.stdout.write(`\nnot run yet: ${missing.join(', ')}\n`);
  process.exitCode = isAccepted(results, Object.keys(parts)) ? 0 : 1;
} else {
  const load = parts[name];
  if (!load) {
    process.stderr.write(`expected one of ${Object.keys(parts).join(', ')}, got '${name}'\n`);
    process.exit(2);
  }
  const part = await load();
  const count = whole('--count', values.count, 1) ?? part.fullCount;
  const seed = whole('--seed', values.seed, 0) ?? 1;
  const startMs = performance.now();
  const { rows, runs } = await part.run({ count, seed, progress: (text) => process.stderr.write(`${text}\n`) });
  const result: PartResult = {
    part: name,
    date: new Date().toISOString(),
    node: process.version,
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    seconds: (performance.now() - startMs) / 1000,
    seed,
    fullSize: count >= part.fullCount,
    rows,
    runs,
  };
  const path = await savePart(result);
  process.stdout.write(`${tableOf([result])}\n\n${path}\n`);
  process.exitCode = isPassed(result) ? 0 : 1;
}

/** undefined when it was not given; a run of nothing would pass everything, so it is refused. */
function whole(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min) return value;
  process.stderr.write(`${name}: expected a whole number from ${min}, got '${text}'\n`);
  process.exit(2);
}
