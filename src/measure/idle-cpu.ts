/**
 * Idle CPU of the machine, from the first line of /proc/stat: CPU this process could have had beside
 * what it used. CPU that other processes or other guests of the host used (steal) is not in it.
 * @see Linux, Documentation/filesystems/proc.rst, 1.7: 'cpu user nice system idle iowait irq softirq steal …', in ticks
 */

/** USER_HZ: 100 on every architecture Node runs on. */
const tickMs = 10;

/** Cumulative ms; NaN for a text that is not such a line, or that only holds zeros, as some sandboxes give. */
export function idleMsOf(stat: string): number {
  const [line = ''] = stat.split('\n');
  if (!line.startsWith('cpu ')) return Number.NaN;
  const [user, nice, system, idle, iowait] = line.slice(4).trim().split(/\s+/).map(Number);
  const known = (user ?? 0) + (nice ?? 0) + (system ?? 0) + (idle ?? 0);
  return known > 0 ? ((idle ?? 0) + (iowait ?? 0)) * tickMs : Number.NaN;
}
