/**
 * A setting is left for the configured default without a trial that proves it: the audit after a fall has shown that
 * the setting is well while it is switched, and worse than the default where it stays (../trial/stays.ts).
 */

import { looksWell } from '../predict/memory.ts';
import { undoneVisit } from '../predict/search/visit.ts';
import type { Run } from '../trial/run.ts';
import { firstAuditMs, noAudits } from './audits.ts';
import type { Entering } from './state.ts';
import type { StepBuilder } from './step.ts';
import { found } from './visits.ts';

/** After the audit's trial was decided. @param reason what the setting loses by staying */
export function leaveForDefault(
  step: StepBuilder,
  { baseline: left, candidate: settings, pairs }: Run,
  reason: string,
): Entering {
  const { nowMs } = step;
  // Whoever proposed what is left would propose it again.
  step.record({ kind: 'back-off', ...step.ruleOut(left, looksWell, { left: true, harmedFrom: settings }) });
  step.tell(found(step.state, step, undoneVisit({ baseline: settings, candidate: left, pairs }), { undoes: true }));
  step.change({
    anchor: settings,
    current: settings,
    audits: { ...noAudits, lastMs: nowMs, dueMs: nowMs + firstAuditMs },
  });
  step.record({ kind: 'intent', settings, purpose: 'anchor' }, { kind: 'anchor', settings, reason });
  return { enter: 'observing', windows: [] };
}
