/** Where the package runs without what Linux tells of processes and CPUs, as README says it does. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('./elsewhere-fixture.ts', import.meta.url));

async function startElsewhere(stateDir: string) {
  const { pid: ended } = spawnSync(process.execPath, ['--eval', '']);
  const child = spawn(process.execPath, [program, stateDir, String(ended)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: JSON.parse(String(line)) as Readonly<Record<string, unknown>> };
}

it('without /proc and /sys calls run, the CPUs are those Node counts, and idle CPU is not known', async () => {
  const { said } = await startElsewhere(temporaryFolder());
  expect(said).toMatchObject({
    answer: 42,
    cpus: { count: availableParallelism(), source: 'os.availableParallelism()' },
    idleCpuMs: 'NaN',
    boot: '',
  });
});

it('without /proc a process that has ended is known by its id, and not one whose id was given to another', async () => {
  const { said } = await startElsewhere(temporaryFolder());
  expect(said).toMatchObject({ isThisGone: false, isEndedGone: true, isIdGivenAgainGone: false });
});

it('without /proc one of two processes tunes, and the next one that starts after it was killed', async () => {
  const folder = temporaryFolder();
  const first = await startElsewhere(folder);
  const second = await startElsewhere(folder);
  first.child.kill('SIGKILL');
  second.child.kill('SIGKILL');
  await Promise.all([once(first.child, 'exit'), once(second.child, 'exit')]);
  const third = await startElsewhere(folder);
  expect([first.said['mode'], second.said['mode'], third.said['mode']]).toEqual(['auto', 'observe', 'auto']);
});
