/** How many CPUs a pool can really use. */
import type { UsableCpus } from '../../../src/foundation/cpus.ts';
import type { Finding } from './finding.ts';

/** @param machine CPUs the machine has */
export function checkCpus({ count, source }: UsableCpus, machine: number): Finding {
  const cpus = Number.isInteger(count) ? String(count) : count.toFixed(2);
  const of = count < machine ? ` of ${machine}` : '';
  return {
    id: 'cpus',
    state: count < 2 ? 'poor' : 'good',
    title: 'usable CPUs',
    found: `${cpus}${of}, from ${source}`,
    means:
      count < 2
        ? 'threads take turns: more of them gain little where calls compute, and the load shares the CPU with what it measures'
        : `more than ${Math.ceil(count)} busy threads take turns; where calls wait, more can still pay`,
    data: { count, source, machine },
  };
}
