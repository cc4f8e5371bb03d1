/** Figures of an acceptance against their limits, one row each. */

export interface Row {
  readonly name: string;
  readonly value: number;
  /** As a reader would say it: '≥ 11 of 12', '≤ 0.0152'; null where there is none. */
  readonly limit: string | null;
  /** null where it was not judged, because there was no limit or no value to compare with it. */
  readonly passed: boolean | null;
}

export function exactly(name: string, value: number, wanted: number): Row {
  return { name, value, limit: `= ${wanted}`, passed: value === wanted };
}

export function atLeast(name: string, value: number, least: number): Row {
  return { name, value, limit: `≥ ${least}`, passed: value >= least };
}

export function atMost(name: string, value: number, most: number): Row {
  return { name, value, limit: `≤ ${most}`, passed: value <= most };
}

export function withoutLimit(name: string, value: number): Row {
  return { name, value, limit: null, passed: null };
}

/** What could not be run here. It fails where nothing may be missing (SANDTUNE_REQUIRE_ALL=1). */
export function skipped(name: string, reason: string): Row {
  const passed = process.env['SANDTUNE_REQUIRE_ALL'] === '1' ? false : null;
  return { name: `SKIPPED ${name}: ${reason}`, value: 0, limit: 'run', passed };
}
