import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

// Half a second; on a machine that has much else to do, a minute.
it('a demo whose reader has gone ends by its own exit code, and without a stack', { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, ['--conditions=sandtune-source', main, '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
