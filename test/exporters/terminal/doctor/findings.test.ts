import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkClock } from '../../../../exporters/terminal/doctor/check-clock.ts';
import { checkCpus } from '../../../../exporters/terminal/doctor/check-cpus.ts';
import { checkExporters } from '../../../../exporters/terminal/doctor/check-exporters.ts';
import { checkNode, supportedMajor } from '../../../../exporters/terminal/doctor/check-node.ts';
import { checkStorage } from '../../../../exporters/terminal/doctor/check-storage.ts';
import { checkSwitch } from '../../../../exporters/terminal/doctor/check-switch.ts';
import { findingLines } from '../../../../exporters/terminal/doctor/finding-lines.ts';
import manifest from '../../../../package.json' with { type: 'json' };
import { systemClock } from '../../../../src/foundation/clock.ts';
import { openLedger } from '../../../../tuner/ledger.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A clock that gives these times in turn, then goes on by the last step. */
function scriptedClock(step: (read: number) => number) {
  let read = 0;
  let nowMs = 0;
  return {
    timeOrigin: 0,
    now: () => {
      nowMs += step(read++);
      return nowMs;
    },
  };
}

describe('what doctor says of Node', () => {
  it('doctor supports the Node that the engines of the package name', () => {
    expect(manifest.engines.node).toBe(`>=${supportedMajor}`);
    expect(checkNode(`v${supportedMajor}.0.0`).state).toBe('good');
    expect(checkNode(`v${supportedMajor - 1}.9.9`)).toMatchObject({
      state: 'broken',
      means: expect.stringContaining('npm install'),
    });
  });
});

describe('what doctor says of the CPUs', () => {
  it('doctor names the quota of CPUs and what it means', () => {
    expect(checkCpus({ count: 1.5, source: 'cpu.max' }, 8)).toMatchObject({
      state: 'poor',
      found: '1.50 of 8, from cpu.max',
    });
    expect(checkCpus({ count: 4, source: 'x' }, 4)).toMatchObject({ state: 'good', found: '4, from x' });
  });
});

describe('what doctor says of the clock', () => {
  it('doctor passes a fine clock', () => {
    expect(checkClock(scriptedClock(() => 1e-4))).toMatchObject({ state: 'good', data: { backwards: 0 } });
  });

  it('doctor calls a coarse clock poor', () => {
    expect(checkClock(scriptedClock((read) => (read % 100 === 0 ? 1 : 0)))).toMatchObject({
      state: 'poor',
      data: { stepMs: 1 },
    });
  });

  it('doctor calls a clock broken that goes back or stands still', () => {
    expect(checkClock(scriptedClock((read) => (read % 50 === 0 ? -1 : 1))).state).toBe('broken');
    expect(checkClock(scriptedClock(() => 0))).toMatchObject({ state: 'broken', data: { stepMs: null } });
  });
});

describe('what doctor says of the ledger', () => {
  it('doctor measures a durable entry of the ledger and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const finding = await checkStorage(join(folder, 'not/yet'), systemClock);
    expect(finding).toMatchObject({ id: 'storage', data: { medianMs: expect.any(Number) } });
    expect(finding.state).not.toBe('broken');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('doctor says of a ledger that cannot be read that it cannot, and leaves it as it is', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.sqlite');
    writeFileSync(path, 'x'.repeat(9000));
    expect(await checkStorage(folder, systemClock)).toMatchObject({
      state: 'poor',
      found: expect.stringContaining('cannot be read'),
    });
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(9000));
  });

  it('doctor calls a folder broken in which no ledger can be written', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await checkStorage(file, systemClock)).state).toBe('broken');
    if (process.getuid?.() === 0) return; // root may write anywhere
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0o500);
    expect((await checkStorage(join(folder, 'locked'), systemClock)).state).toBe('broken');
  });
});

describe('what doctor says of the off switch', () => {
  it('doctor finds the off switch in the environment and in the ledger', async () => {
    const folder = temporaryFolder();
    expect((await checkSwitch(folder, {})).state).toBe('good');
    expect(await checkSwitch(folder, { SANDTUNE_MODE: 'off' })).toMatchObject({
      state: 'poor',
      found: 'off by SANDTUNE_MODE',
    });
    expect(await checkSwitch(folder, { SANDTUNE_MODE: 'Advise' })).toMatchObject({
      state: 'poor',
      found: "'advise' at most, by SANDTUNE_MODE",
    });
    expect((await checkSwitch(folder, { SANDTUNE_MODE: 'disabled' })).means).toContain('got "disabled"');
    await using one = openLedger({ stateDir: folder, executor: 'worker' });
    one.setOff(true);
    await one.durable();
    expect(await checkSwitch(folder, {})).toMatchObject({
      state: 'poor',
      found: `off for 'worker' in the ledger of ${folder}`,
      data: { off: false, byName: ['worker'] },
    });
    await using ledger = openLedger({ stateDir: folder, executor: '*' });
    ledger.setOff(true);
    await ledger.durable();
    expect((await checkSwitch(folder, {})).data).toMatchObject({ off: true, inLedger: true });
  });
});

describe('what doctor says of exporters', () => {
  it("doctor shows names of exporters' variables, never their values", async () => {
    const findings = await checkExporters({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@127.0.0.1:1',
    });
    const text = JSON.stringify(findings);
    expect(text).toContain('OTEL_EXPORTER_OTLP_HEADERS');
    expect(text).not.toContain('secret');
  });

  it('doctor finds a collector that listens at the declared endpoint, and one that does not', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
    const collector = async () =>
      (await checkExporters({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).find((one) => one.id === 'collector');
    expect(await collector()).toMatchObject({ state: 'good', data: { reachable: true } });
    await new Promise((resolve) => server.close(resolve));
    expect(await collector()).toMatchObject({ state: 'poor', data: { reachable: false } });
  });

  it.each(['nonsense', 'otel:4318', 'grpc://otel:4317'])(
    'doctor says of a declared endpoint that is no http(s) address that it is none: %s',
    async (OTEL_EXPORTER_OTLP_ENDPOINT) => {
      const findings = await checkExporters({ OTEL_EXPORTER_OTLP_ENDPOINT });
      expect(findings[1]).toMatchObject({ state: 'poor', found: 'the declared endpoint is no http(s) address' });
    },
  );
});

describe('a finding', () => {
  it('a finding of doctor is a mark, what was found, and below it what that means', () => {
    const lines = findingLines(
      { id: 'x', state: 'poor', title: 'noise floor', found: '±20 %', means: 'loud', data: {} },
      80,
      (text) => text,
    );
    expect(lines).toEqual(['! noise floor     ±20 %', '                  loud']);
  });
});
