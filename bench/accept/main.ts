/**
 * `npm run accept -- PART [--count N] [--seed N]`: one part of the acceptance at full size, of those below
 * (tens of minutes; not in CI). Without a part: the table of all that ran.
 */
import { checkOneOf } from '../../src/foundation/options.ts';
import { orExit, readArguments, wholeNumber } from '../arguments.ts';
import { machineText } from '../suite.ts';
import { isAccepted, isPassed, type Part, type PartResult, readParts, savePart, tableOf } from './results.ts';

// What runs here is compared with itself, and is not to wait for other programs of this machine.
process.env['SANDTUNE_TURNS'] ??= 'process';

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  demo: async () => (await import('./demo.ts')).demo,
  harm: async () => (await import('./harm.ts')).harm,
  null: async () => (await import('./null.ts')).nothing,
  kill: async () => (await import('./kill.ts')).kill,
  crash: async () => (await import('./crash.ts')).crash,
  knobs: async () => (await import('./knobs.ts')).knobs,
  ledger: async () => (await import('./ledger.ts')).ledger,
  'kill-host': async () => (await import('./kill-host.ts')).killHost,
  disk: async () => (await import('./disk.ts')).disk,
  lease: async () => (await import('./lease.ts')).lease,
  wrap: async () => (await import('./wrap.ts')).wrapping,
  install: async () => (await import('./install.ts')).install,
  mutants: async () => (await import('./mutants.ts')).mutants,
  'stream-crash': async () => (await import('./stream-crash.ts')).streamCrash,
  'stream-kill': async () => (await import('./stream-kill.ts')).streamKill,
  'stream-zombie': async () => (await import('./stream-zombie.ts')).streamZombie,
  'stream-state': async () => (await import('./stream-state.ts')).streamState,
  'stream-edges': async () => (await import('./stream-edges.ts')).streamEdges,
  leak: async () => (await import('./leak.ts')).leak,
  transport: async () => (await import('./transport.ts')).transport,
  worlds: async () => (await import('./worlds.ts')).worlds,
};

// A run of nothing would pass everything, so a count of 0 is refused.
const asked = orExit(() => {
  const { values, positionals } = readArguments(process.argv.slice(2), {
    count: { type: 'string' },
    seed: { type: 'string' },
  });
  const [name] = positionals;
  return {
    name: name === undefined ? null : checkOneOf('part', name, Object.keys(parts)),
    count: wholeNumber('--count', values.count, 1),
    seed: wholeNumber('--seed', values.seed, 0) ?? 1,
  };
});

if (asked.name === null) {
  const results = await readParts();
  const missing = Object.keys(parts).filter((part) => !results.some((one) => one.part === part));
  process.stdout.write(`${tableOf(results)}\n`);
  if (missing.length > 0) process.stdout.write(`\nnot run yet: ${missing.join(', ')}\n`);
  process.exitCode = isAccepted(results, Object.keys(parts)) ? 0 : 1;
} else {
  const { name, seed } = asked;
  const part = await (parts[name] as () => Promise<Part>)();
  const count = asked.count ?? part.fullCount;
  const startMs = performance.now();
  const { rows, runs } = await part.run({ count, seed, progress: (text) => process.stderr.write(`${text}\n`) });
  const result: PartResult = {
    part: name,
    date: new Date().toISOString(),
    node: process.version,
    machine: machineText(),
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
