/** Whether sandtune is switched off or held down here, by variable or in the ledger. */
import { messageOf } from '../../../src/foundation/errors.ts';
import type { EnvironmentVariables } from '../../../src/foundation/surroundings.ts';
import { modeCeiling } from '../../../tuner/mode.ts';
import { listText } from '../../words/numbers.ts';
import { printable } from '../../words/printable.ts';
import { hasLedger } from '../state-folder.ts';
import type { Finding } from './finding.ts';

export async function checkSwitch(folder: string, environment: EnvironmentVariables): Promise<Finding> {
  const { mode: allowed, misread } = modeCeiling(environment);
  let names: readonly string[] = [];
  let trouble: string | null = null;
  try {
    if (hasLedger(folder)) {
      const { openLedger } = await import('../../../tuner/ledger.ts');
      using ledger = openLedger({ stateDir: folder, executor: '*', readOnly: true });
      names = ledger.switchedOff();
    }
  } catch (error) {
    trouble = messageOf(error);
  }
  const byVariable = allowed === 'off';
  const inLedger = names.includes('*');
  const byName = names.filter((name) => name !== '*');
  const off = byVariable || inLedger;
  const finding = { id: 'switch', title: 'off switch', data: { off, byVariable, inLedger, byName, allowed } } as const;
  if (trouble !== null)
    return { ...finding, state: 'broken', found: trouble, means: 'the ledger there cannot be read' };
  if (off) {
    const where = [...(byVariable ? ['by SANDTUNE_MODE'] : []), ...(inLedger ? [`in the ledger of ${folder}`] : [])];
    const until = `tune() does nothing until it is on again${inLedger ? ": 'sandtune on'" : ''}`;
    return { ...finding, state: 'poor', found: `off ${where.join(' and ')}`, means: misread ?? until };
  }
  if (byName.length > 0) {
    const found = `off for ${listText(byName.map((name) => `'${printable(name)}'`))} in the ledger of ${folder}`;
    const means = "tune() does nothing for it until it is on again: 'sandtune on --executor NAME'";
    return { ...finding, state: 'poor', found, means };
  }
  if (allowed === 'auto')
    return { ...finding, state: 'good', found: 'not used', means: 'tune() does what its mode says' };
  const found = `'${allowed}' at most, by SANDTUNE_MODE`;
  return { ...finding, state: 'poor', found, means: 'tune() goes no further, whatever its mode says' };
}
