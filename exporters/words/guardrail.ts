/** A guardrail of a trial in words; of one that stands in for a default, what was wished as well. */
import type { Guardrail } from '../../src/contracts.ts';

/** 'p95 within 10% (in place of p99 within 10%, for which calls are too few)'. */
export function guardrailText(guardrail: Guardrail): string {
  const wished = wishedOf(guardrail);
  return wished === undefined
    ? guardrail.text
    : `${guardrail.text} (in place of ${wished}, for which calls are too few)`;
}

/** True for a guardrail in the place of a default that could not be judged in time. */
export function isStandIn(guardrail: Guardrail): boolean {
  return wishedOf(guardrail) !== undefined;
}

function wishedOf(guardrail: Guardrail): string | undefined {
  return guardrail.kind === 'relative' ? guardrail.insteadOf : undefined;
}
