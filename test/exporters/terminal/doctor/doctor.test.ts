import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { sandtune } from '../command.ts';

describe('sandtune doctor', () => {
  it('doctor gives every finding with what it means, the noise of a real a/a included, and exits with 0 where sandtune is usable', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await sandtune(folder, ['doctor', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { findings, usable } = JSON.parse(stdout) as {
      usable: boolean;
      findings: { id: string; state: string; means: string; data: Record<string, number> }[];
    };
    expect(usable).toBe(true);
    expect(findings.map((one) => one.id)).toEqual([
      'node',
      'cpus',
      'clock',
      'noise',
      'storage',
      'switch',
      'otlp-peer',
      'collector',
    ]);
    for (const one of findings) expect(one.means).not.toBe('');
    const noise = findings.find((one) => one.id === 'noise');
    expect(noise?.data['floor']).toBeGreaterThan(0);
    expect(noise?.data['perSecond']).toBeGreaterThan(0);
  });

  it('doctor exits with 1 where the ledger cannot be written', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await sandtune(folder, ['doctor', '--quick', '--state-dir', '/dev/null/x']);
    expect(code).toBe(1);
    expect(stdout).not.toContain('noise floor');
    expect(stdout).toMatch(/✗ ledger +cannot be written in \/dev\/null\/x/);
    // oxlint-disable-next-line no-control-regex -- no colour without a terminal
    expect(stdout).not.toMatch(/\u001b/);
  });
});
