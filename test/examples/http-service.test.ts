import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { moduleAt, type Origin, startOrigin } from '../../bench/accept/kill-host/origin.ts';
import { type ServiceProcess, startService } from '../../bench/accept/kill-host/service-process.ts';
import type { ModuleCost } from '../../examples/support/module-cost-worker.ts';
import { openLedger, replay } from '../../tuner/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin(5);
});
afterAll(() => origin[Symbol.dispose]());

/** A service that listens, and its address. */
async function started(stateDir: string, mode?: string): Promise<{ service: ServiceProcess; url: string }> {
  const environment = mode === undefined ? {} : { SANDTUNE_MODE: mode };
  const service = startService({ origin: origin.url, stateDir, environment });
  const url = await service.url;
  if (url === null) throw new Error((await service.ended).complaint);
  return { service, url };
}

it('the HTTP service says what a module costs, and what it cannot say it says as well', async () => {
  const { service, url } = await started(temporaryFolder());
  const cost = (await (await fetch(`${url}/some/module.js`)).json()) as ModuleCost;
  const source = moduleAt('/some/module.js');
  expect(cost).toMatchObject({
    url: `${origin.url}/some/module.js`,
    bytes: source.length,
    imports: ['./base.js'],
    integrity: `sha384-${createHash('sha384').update(source).digest('base64')}`,
  });
  expect(cost.exports).toHaveLength(30);
  expect(cost.gzipBytes).toBeLessThan(source.length / 2);
  expect((await fetch(`${url}/no/such/module`)).status).toBe(404);
  expect((await fetch(`${url}/some/module.js`, { method: 'POST' })).status).toBe(405);
  const report = await fetch(url);
  expect([report.status, await report.text()]).toEqual([200, expect.stringMatching(/^#+ /)]);
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ exitCode: 0, complaint: '' });
}, 120_000);

it('the HTTP service, told to end under load, answers what was asked and leaves its ledger on the anchor', async () => {
  const stateDir = temporaryFolder();
  const { service, url } = await started(stateDir);
  const statuses: number[] = [];
  const callers = Array.from({ length: 16 }, async (_, caller) => {
    for (let path = 0; path < 40; path++) {
      try {
        statuses.push((await fetch(`${url}/${caller}/${path}.js`)).status);
      } catch (error) {
        // It takes no more connections once it was told to end.
        if (statuses.length < 200) throw error;
        return;
      }
      if (statuses.length === 200) service.kill('SIGTERM');
    }
  });
  await Promise.all(callers);
  expect(await service.ended).toMatchObject({ exitCode: 0, complaint: '' });
  expect(new Set(statuses)).toEqual(new Set([200]));
  // What was under way when it was told was answered as well.
  expect(statuses.length).toBeGreaterThan(200);
  using ledger = openLedger({ stateDir, executor: 'module-cost', readOnly: true });
  const entries = [...ledger.read()];
  const [session] = entries;
  expect(session).toMatchObject({ kind: 'session', options: { mode: 'auto', persist: true } });
  expect(entries.at(-1)).toMatchObject({ kind: 'record', record: { kind: 'phase', phase: 'ended', onAnchor: true } });
  expect(ledger.faults()).toEqual([]);
  expect(replay(ledger).identical).toBe(true);
  // The lease was left, so that the next start tunes at once.
  const next = await started(stateDir);
  next.service.kill('SIGTERM');
  expect((await next.service.ended).output).toMatch('(tuner: auto)');
}, 120_000);

it('the HTTP service serves without tuning where that is switched off', async () => {
  const { service, url } = await started(temporaryFolder(), 'off');
  expect((await fetch(`${url}/a.js`)).status).toBe(200);
  service.kill('SIGTERM');
  const { exitCode, output } = await service.ended;
  expect(exitCode).toBe(0);
  expect(output).toMatch('(tuner: off)');
}, 120_000);
