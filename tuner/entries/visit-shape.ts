/** Visits, and what a search leaves, as they must come out of a ledger. */
import type { Visit } from '../../src/contracts.ts';
import { isNumber, listOf, objectOf, oneOf, optional, orNull } from '../../src/foundation/shape.ts';
import { loadSignsShape } from './known-load-shape.ts';
import type { SearchLeft, Tour } from './search-left.ts';
import { settingsShape } from './settings-shape.ts';

export const visitShape = objectOf<Visit>({
  settings: settingsShape,
  from: settingsShape,
  gain: isNumber,
  sd: isNumber,
  windows: isNumber,
  died: optional(oneOf(true)),
  rss: optional(objectOf<NonNullable<Visit['rss']>>({ beforeBytes: isNumber, thenBytes: isNumber })),
});

export const searchLeftFields = {
  visits: listOf(visitShape),
  under: orNull(loadSignsShape),
  owedMs: isNumber,
  tour: optional(objectOf<Tour>({ beganAtMs: isNumber, is: oneOf('open', 'over', 'barred') })),
};

export const searchLeftShape = objectOf<SearchLeft>(searchLeftFields);
