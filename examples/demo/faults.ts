/** What must not happen in any run, whatever the machine: the demo ends with 1 if it does. */
import type { DemoResult } from './result.ts';

export function faultsOf(result: Pick<DemoResult, 'crash' | 'digests' | 'calls' | 'replayIdentical'>): string[] {
  const { crash, digests, calls, replayIdentical } = result;
  // A kill that missed its trial says nothing about recovery.
  const recovered = !crash.killedInTrial || (crash.onAnchor && crash.noteNamesTrial);
  return [
    ...(recovered ? [] : ['kill -9 inside a trial: the next start did not stand on the anchor, or did not say why']),
    ...(replayIdentical ? [] : ['the replay differs from the ledger']),
    ...(calls.inFlight === 0 ? [] : [`${calls.inFlight} calls never settled`]),
    ...(digests.wrong === 0
      ? []
      : [`${digests.wrong} of ${digests.checked} results were wrong: ${digests.first.join('; ')}`]),
  ];
}
