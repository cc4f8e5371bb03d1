/** The machine and the versions a session ran on, for its first entry. Every report shows them. */
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { version } from '../../src/foundation/version.ts';
import type { Environment } from '../entries/entries.ts';

/** @param cores CPUs that this process may use now */
export function readEnvironment(cores: number): Environment {
  return {
    sandtune: version,
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryBytes: totalmem(),
  };
}
