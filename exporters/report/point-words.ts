/** Tested points as a reader wants them: the best first, compared by what they were measured in turns with. */
import type { PointData, ReportData } from './data.ts';

/** '× 5.1', '× 0.97'. */
export function multipleText(multiple: number): string {
  return `× ${multiple >= 9.95 ? Math.round(multiple) : Number(multiple.toPrecision(multiple >= 1 ? 3 : 2))}`;
}

/**
 * The best first; what cannot be compared stands below it. What was measured in a single window stands below
 * what was measured more than once, because the best of many single windows is best by luck too.
 */
export function ranked<P extends PointData>({
  points,
  objective,
}: Pick<ReportData, 'objective'> & { readonly points: readonly P[] }): readonly P[] {
  const sign = objective?.direction === 'minimize' ? 1 : -1;
  const place = ({ multiple, windows }: PointData) => (windows === 1 ? 2 : 0) + (multiple === null ? 1 : 0);
  return points.toSorted((a, b) => place(a) - place(b) || sign * ((a.multiple?.value ?? 0) - (b.multiple?.value ?? 0)));
}
