/** `sandtune doctor`: what this machine, this Node and this folder are good for, and what each means. */
import { availableParallelism, cpus } from 'node:os';
import { systemClock } from '../../../src/foundation/clock.ts';
import { usableCpus } from '../../../src/foundation/cpus.ts';
import { version } from '../../../src/foundation/version.ts';
import { jsonText } from '../../words/printable.ts';
import { parseCommandLine } from '../command-line.ts';
import { checkClock } from '../doctor/check-clock.ts';
import { checkCpus } from '../doctor/check-cpus.ts';
import { checkExporters } from '../doctor/check-exporters.ts';
import { checkNode } from '../doctor/check-node.ts';
import { checkStorage } from '../doctor/check-storage.ts';
import { checkSwitch } from '../doctor/check-switch.ts';
import type { Finding } from '../doctor/finding.ts';
import { findingLines } from '../doctor/finding-lines.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { painter, wantsColor } from '../live/paint.ts';
import { stateFolder } from '../state-folder.ts';

export async function doctorCommand(args: string[]): Promise<ExitCode> {
  const { values } = parseCommandLine('doctor', args, { json: { type: 'boolean' }, quick: { type: 'boolean' } });
  const folder = stateFolder(values['state-dir']);
  const { stdout, env } = process;
  const paint = painter(wantsColor(stdout.isTTY, env));
  const findings: Finding[] = [];
  const report = (...found: Finding[]) => {
    findings.push(...found);
    if (!values.json)
      for (const one of found) stdout.write(`${findingLines(one, stdout.columns ?? 100, paint).join('\n')}\n`);
  };
  const usable = usableCpus();
  const node = checkNode(process.version);
  report(node, checkCpus(usable, Math.max(availableParallelism(), cpus().length)), checkClock(systemClock));
  if (node.state !== 'broken' && !values.quick) {
    const { checkNoise } = await import('../doctor/check-noise.ts');
    report(await checkNoise(Math.max(1, Math.min(4, Math.floor(usable.count))), systemClock));
  }
  report(await checkStorage(folder, systemClock), await checkSwitch(folder, env), ...(await checkExporters(env)));
  const unusable = findings.some((one) => one.state === 'broken');
  if (values.json) stdout.write(`${jsonText({ schemaVersion: 1, sandtune: version, usable: !unusable, findings })}\n`);
  return unusable ? exitCodes.failure : exitCodes.ok;
}
