import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportData } from 'sandtune/exporters';
import { openLedger } from 'sandtune/tuner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoResult } from '../../examples/demo/result.ts';

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], interruptWhen?: (folder: string) => boolean): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=sandtune-source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const folder = args[args.indexOf('--out') + 1] ?? '';
  // Once: a second signal would end the process without its report.
  const watching =
    interruptWhen &&
    setInterval(() => {
      if (!interruptWhen(folder)) return;
      clearInterval(watching);
      child.kill('SIGINT');
    }, 200);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearInterval(watching);
      resolve({ code, out, err });
    }),
  );
}

/** A trial of the session in `folder` has begun: the noise measurement is the first. */
function isInTrial(folder: string): boolean {
  if (!existsSync(join(folder, 'ledger.sqlite'))) return false;
  using ledger = openLedger({ stateDir: folder, executor: 'demo', readOnly: true });
  return [...ledger.history(['record:pair'], 1)].length > 0;
}

describe('npm start', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandtune-demo-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('npm start tells the whole story as JSON alone on stdout, and every call settles', async () => {
    const { code, out, err } = await run(['--fast', '--json', '--seed', '5', '--out', join(folder, 'whole')]);
    // On a busy machine the limit of its goal is broken at times, which the tuner says.
    expect(err.replaceAll(/^.*(SANDTUNE_LIMIT|--trace-warnings).*\n/gm, '')).toBe('');
    expect(code).toBe(0);
    const result = JSON.parse(out) as DemoResult;
    expect(result).toMatchObject({
      schemaVersion: 1,
      seed: 5,
      profile: 'fast',
      replayIdentical: true,
      crash: { killedInTrial: true, onAnchor: true, noteNamesTrial: true, standsOn: { batchSize: 8 } },
    });
    const { offered, inFlight, ok, trap, timeout, cancelled, rejected, shed, lost } = result.calls;
    expect(offered).toBe(ok + trap + timeout + cancelled + rejected + shed + lost + inFlight);
    expect(inFlight).toBe(0);
    expect(result.digests.checked).toBeGreaterThan(10);
    expect(result.digests.wrong).toBe(0);
    expect(result.trials.length).toBeGreaterThanOrEqual(2);
    // Beside other tests a trial of this length may prove nothing, and is reverted for that. That the harm
    // is proven holds for whole runs (`npm run accept -- demo`).
    const trigger = expect.stringMatching(/^(worse|breaker: .*|futile|max duration)$/);
    expect(result.harm).toMatchObject({ decision: 'revert', trigger });
    expect(result.trials.at(-1)?.id).toBe(result.harm?.trial);
    expect(result.reverts).toBeGreaterThanOrEqual(1);
    expect(result.callsAffectedByReverts).toBeGreaterThan(0);
    expect(result.gain.low).toBeLessThanOrEqual(result.gain.estimate);
    expect(result.start.settings).toMatchObject({ batchSize: 1, transport: 'message' });
    const data = JSON.parse(readFileSync(result.report.json, 'utf8')) as ReportData;
    expect(result.reverts).toBe(data.reverts.length);
    for (const path of Object.values(result.report)) expect(existsSync(path)).toBe(true);
    expect(readFileSync(result.report.markdown, 'utf8')).toContain('batchSize');
  }, 300_000);

  it('npm start refuses a folder with too little input and names the minimum', async () => {
    const poor = join(folder, 'poor');
    mkdirSync(poor);
    writeFileSync(join(poor, 'one.js'), 'export const one = 1;\n');
    const { code, out, err } = await run(['--dir', poor, '--out', join(folder, 'none')]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/at least 200 files/);
  });

  it('npm start refuses options it does not know', async () => {
    const { code, err } = await run(['--sede', '5']);
    expect(code).toBe(2);
    expect(err).toContain('--seed N');
  });

  it('npm start writes a report of what there is when it is interrupted, and ends with 130', async () => {
    const out = join(folder, 'interrupted');
    const { code, err } = await run(['--seed', '6', '--out', out], (at) => existsSync(join(at, 'ledger.sqlite-wal')));
    expect(code).toBe(130);
    // Where stderr is no terminal, progress is told in plain lines.
    expect(err).toMatch(/^ +goal {2}goodput/m);
    expect(err).toMatch(/^━━ the report/m);
    expect(err).not.toContain('\u001b');
    expect(readFileSync(join(out, 'report.md'), 'utf8').length).toBeGreaterThan(100);
    const { session } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as ReportData;
    expect(session?.ended).toBe('interrupted');
  }, 60_000);

  // The act that looks for settings would go on for five minutes.
  it('npm start ends inside its first trial when it is interrupted there', async () => {
    const out = join(folder, 'in-trial');
    const { code } = await run(['--seconds', '600', '--seed', '7', '--out', out], (at) => isInTrial(at));
    expect(code).toBe(130);
    const { session, trials } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as ReportData;
    expect(session?.ended).toBe('interrupted');
    expect(trials).toHaveLength(1);
  }, 60_000);
});
