/** Visits under which the process ended, and whose settings nobody has seen it survive since: they count under any load. */
import type { Visit } from '../../../src/contracts.ts';
import { sameSettings } from '../../entries/settings.ts';

export function deathsIn(visits: readonly Visit[]): readonly Visit[] {
  return visits.filter(
    (one, i) =>
      one.died && !visits.slice(i + 1).some((later) => !later.died && sameSettings(later.settings, one.settings)),
  );
}
