/** Stages of a call by name. */

interface StageTimes {
  readonly stages: readonly { readonly name: string; readonly ms: number }[];
}

/**
 * 'queue', 'execute'; 'dispatch to return' where nobody can tell the work of a call from its way to a worker and
 * back, so that it is not told as work.
 */
export function stageText(name: string, sides: readonly (StageTimes | null)[]): string {
  if (name !== 'execute') return name;
  const stages = sides.flatMap((side) => side?.stages ?? []);
  const isToldApart = stages.some((one) => around.has(one.name) && one.ms > 0);
  return isToldApart ? name : 'dispatch to return';
}

const around: ReadonlySet<string> = new Set(['wake-up', 'batch', 'return']);
