/**
 * Our figures over those of another commit, measured as one more arm of the same comparison. Whatever
 * is better, the ratio is turned so that more is: 0.97 is three per cent slower.
 */
import type { Comparison } from './compare.ts';
import type { Estimate, Figure } from './figure.ts';
import { isDecided, ratioOf } from './ratio.ts';

/** A tail is read from a hundredth of the calls, so more of it is noise. */
const leasts = { centre: 0.97, tail: 0.9 } as const;

export interface AgainstFigure {
  /** The figure's name, and the number of a window it is read from. */
  readonly figure: string;
  readonly number: string;
  readonly better: Figure['better'];
  readonly kind: keyof typeof leasts;
}

const prefix = 'ratio.';

export function ratioName(figure: string): string {
  return `${prefix}${figure}`;
}

export function isRatio(figure: string): boolean {
  return figure.startsWith(prefix);
}

/** The name of the other commit's arm. */
export const theirs = 'against';

export interface AgainstPlan {
  /** Blocks that were measured with all arms. */
  readonly pairs: number;
  /** Most further blocks of ours and theirs alone; they end when more of them would decide nothing. */
  readonly morePairs: number;
  /** Called with the reason where a figure has no ratio. */
  readonly leaveOut?: ((figure: string, reason: string) => void) | undefined;
}

/** The ratios of `figures`; none of them where the other commit's arm failed. */
export async function measureAgainst(
  comparison: Comparison,
  figures: readonly AgainstFigure[],
  ours: string,
  { pairs, morePairs, leaveOut }: AgainstPlan,
): Promise<readonly Figure[]> {
  const isOpen = ({ number, better, kind }: AgainstFigure) =>
    !isDecided(comparison, number, ...turned(better, ours), { least: leasts[kind], mostPairs: pairs + morePairs });
  for (let more = 0; more < morePairs && !comparison.leftOut.has(theirs) && figures.some(isOpen); more++)
    await comparison.measure(1, [ours, theirs]);
  const reason = comparison.leftOut.get(theirs);
  if (reason !== undefined) {
    for (const { figure } of figures) leaveOut?.(figure, reason);
    return [];
  }
  return figures.map(({ figure, number, better, kind }) =>
    ratioFigure(figure, kind, ratioOf(comparison, number, ...turned(better, ours))),
  );
}

/** @param ratio of which more is better */
export function ratioFigure(figure: string, kind: AgainstFigure['kind'], ratio: Estimate): Figure {
  return {
    name: ratioName(figure),
    unit: 'ratio',
    better: 'higher',
    targets: [{ op: '>=', value: leasts[kind] }],
    ...ratio,
  };
}

function turned(better: Figure['better'], ours: string): [string, string] {
  return better === 'higher' ? [ours, theirs] : [theirs, ours];
}
