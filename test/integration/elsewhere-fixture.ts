/**
 * A program where neither /proc nor /sys is and the platform is another than Linux: what it takes itself and others
 * for, and whether it is the one that tunes. It lives until its input ends.
 *
 *   node elsewhere-fixture.ts <folder of the ledger> <id of a process that has ended>
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Read = (path: unknown, ...rest: unknown[]) => unknown;

const reads = fs as unknown as Record<string, Read>;
for (const name of ['readFileSync', 'openSync', 'readlinkSync']) {
  const own = reads[name] as Read;
  reads[name] = (path, ...rest) => {
    if (/^\/(proc|sys)(\/|$)/.test(String(path)))
      throw Object.assign(new Error(`ENOENT: no such file or directory, '${String(path)}'`), { code: 'ENOENT' });
    return own(path, ...rest);
  };
}
syncBuiltinESMExports();
Object.defineProperty(process, 'platform', { value: 'darwin' });

const { usableCpus } = await import('../../src/foundation/cpus.ts');
const { systemMeters } = await import('../../src/measure/meters.ts');
const { isGone, thisProcess } = await import('../../src/store/process-identity.ts');
const { wrap } = await import('../../src/adapters/wrap.ts');
const { tune } = await import('../../tuner/tune.ts');

const [stateDir = '', ended = ''] = process.argv.slice(2);
const here = thisProcess();
const twice = wrap(async (n: number) => n * 2, { name: 'twice', concurrency: { value: 1, max: 4 } });
const tuner = tune(twice, { stateDir, mode: 'auto', maximize: 'throughput' });
await tuner.ledger.durable();
process.stdout.write(
  `${JSON.stringify({
    answer: await twice.run(21),
    cpus: usableCpus(),
    idleCpuMs: String(systemMeters.idleCpuMs()),
    boot: here.boot,
    isThisGone: isGone(here),
    isEndedGone: isGone({ ...here, pid: Number(ended) }),
    isIdGivenAgainGone: isGone({ ...here, started: '1' }),
    mode: tuner.mode,
  })}\n`,
);
process.stdin.on('end', () => process.exit(0)).resume();
