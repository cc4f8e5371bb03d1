/** How far a result can be relied on: the noise, or why it is not known, and what measuring costs. */
import type { FigureData, ReportData } from './data.ts';

/** The cost only where it was measured. */
export function measuringFigures({ figures }: Pick<ReportData, 'figures'>): readonly FigureData[] {
  return figures.filter(({ name }) => names.has(name));
}

const names: ReadonlySet<string> = new Set(['Noise', 'Cost of measuring']);
