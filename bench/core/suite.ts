/** The call path: calls a second with many in flight, and the round trip of one, against what people use today. */
import { type Arms, compare, comparedFigure } from '../compare.ts';
import type { Figure } from '../figure.ts';
import type { Group, Suite, SuiteLength, SuiteOptions } from '../suite.ts';
import { openArm } from './arms.ts';
import { guestBytes } from './guest.ts';
import { roundTrip, throughput, type Workload, wrapping } from './workloads.ts';

export const core: Suite = {
  about: 'the call path, in a closed loop: against piscina, raw postMessage and what was wrapped',
  groups: {
    throughput: group('calls a second with 256 in flight: tiny, batched, and 50 µs of work', throughput),
    'round-trip': group('the time of one call at a time', roundTrip),
    wrap: group('a wrapped pool and a wrapped function beside the bare ones', wrapping),
  },
};

const plans: Readonly<Record<SuiteLength, { blocks: number; rounds: number; windowMs: number }>> = {
  quick: { blocks: 2, rounds: 3, windowMs: 120 },
  full: { blocks: 13, rounds: 4, windowMs: 200 },
  long: { blocks: 61, rounds: 4, windowMs: 200 },
};

function group(about: string, workloads: readonly Workload[]): Group {
  return {
    about,
    run: async (options) => {
      const figures: Figure[] = [];
      for (const workload of workloads) {
        options.progress(workload.id);
        figures.push(...(await figuresOf(workload, options)));
      }
      return figures;
    },
  };
}

async function figuresOf({ id, load, arms, figures }: Workload, { length, seed }: SuiteOptions): Promise<Figure[]> {
  const bytes = await guestBytes();
  const opened: Arms = Object.fromEntries(
    Object.entries(arms).map(([name, spec]) => [name, () => openArm(spec, bytes, load)]),
  );
  const compared = await compare(opened, { ...plans[length], seed });
  const [ours = '', ...peers] = Object.keys(arms);
  return figures.map(({ name, ...rest }) => ({
    name: `${id}.${name}`,
    ...rest,
    ...comparedFigure(compared, ours, peers, name),
  }));
}
