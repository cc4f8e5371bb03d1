/** Whether arrivals wait for completions, and who says so: what nobody declared is told as a guess. */
import type { Load } from '../../src/contracts.ts';

export function loadText(load: Load | null | undefined, source: 'declared' | 'inferred' | null): string {
  if (load === null || load === undefined) return 'Whether arrivals wait for completions is not known.';
  const means =
    load === 'closed'
      ? 'arrivals wait for completions, so a faster setting also receives more calls'
      : 'arrivals do not wait for completions';
  return source === 'declared'
    ? `${load === 'closed' ? 'A closed loop' : 'An open loop'}: ${means} (declared by the executor).`
    : `It looks like ${load === 'closed' ? 'a closed loop' : 'an open loop'}, in which ${means}: a guess from the calls in flight, since nobody declared it.`;
}
