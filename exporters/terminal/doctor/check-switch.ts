/** Whether sandtune is switched off here, by variable or in the ledger. */
import { messageOf } from '../../../src/foundation/errors.ts';
import type { EnvironmentVariables } from '../../../src/foundation/surroundings.ts';
import { hasLedger } from '../state-folder.ts';
import type { Finding } from './finding.ts';

export async function checkSwitch(folder: string, environment: EnvironmentVariables): Promise<Finding> {
  const byVariable = environment['SANDTUNE_MODE'] === 'off';
  let inLedger = false;
  let trouble: string | null = null;
  try {
    if (hasLedger(folder)) {
      const { openLedger } = await import('../../../tuner/ledger.ts');
      using ledger = openLedger({ stateDir: folder, executor: '*', readOnly: true });
      inLedger = ledger.isOff();
    }
  } catch (error) {
    trouble = messageOf(error);
  }
  const off = byVariable || inLedger;
  const where = [...(byVariable ? ['by SANDTUNE_MODE'] : []), ...(inLedger ? [`in the ledger of ${folder}`] : [])].join(
    ' and ',
  );
  return {
    id: 'switch',
    state: trouble !== null ? 'broken' : off ? 'poor' : 'good',
    title: 'off switch',
    found: trouble ?? (off ? `off ${where}` : 'not used'),
    means:
      trouble !== null
        ? 'the ledger there cannot be read'
        : off
          ? `tune() does nothing until it is on again${inLedger ? ": 'sandtune on'" : ''}`
          : 'tune() does what its mode says',
    data: { off, byVariable, inLedger },
  };
}
