import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openSandbox, probe, transport } from './guests.ts';

it('a sandbox keeps the process alive while a call waits for a replaced worker, and not longer', async () => {
  const child = fileURLToPath(new URL('./process-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [child, transport], { timeout: 15_000 });
  expect(JSON.parse(stdout)).toEqual(['rejected', 'fulfilled']);
});

it('a sandbox takes its worker from the URL that the host gives', async () => {
  const guest = { ...probe, binding: new URL('./bundled-binding.ts', import.meta.url), functions: ['bundled'] };
  const bundled = await openSandbox({
    guests: { guest },
    threads: 1,
    workerUrl: new URL('./bundled-worker.ts', import.meta.url),
  });
  const usual = await openSandbox({ guests: { guest }, threads: 1 });
  expect([await bundled.run({ function: 'bundled' }), await usual.run({ function: 'bundled' })]).toEqual([true, false]);
});

it('where the process may start no workers createSandbox() says so, and how it might', async () => {
  const program = `import { createSandbox } from ${JSON.stringify(new URL('../../../src/index.ts', import.meta.url))};
    const module = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const { code, outcome, message } = await createSandbox({ guests: { g: { module } } }).catch((error) => error);
    process.stdout.write(JSON.stringify({ code, outcome, message }));`;
  const flags = ['--permission', '--allow-fs-read=*', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 15_000 });
  expect(JSON.parse(stdout)).toEqual({
    code: 'ERR_SANDTUNE_WORKER_LOST',
    outcome: 'rejected',
    message: expect.stringMatching(/^g: expected workers to start, got: .*--allow-worker/),
  });
});

it('the package can be loaded with require(): no module of it awaits at its top level', () => {
  const entry = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));
  const loaded = createRequire(import.meta.url)(entry) as { createSandbox?: unknown };
  expect(loaded.createSandbox).toBeTypeOf('function');
});
