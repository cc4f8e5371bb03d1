/**
 * What stands in the cells of a ledger, which outlive every session:
 *
 *   kept    the setting committed with `persist`, void once the configured default has changed
 *   anchor  where the holder of the lease stands, for those that follow, void in the same way
 *   off     the off switch, of one executor or of all
 *   carried what the sessions leave to the next one (ledger-carried.ts)
 */
import type { Settings } from '../src/contracts.ts';
import type { Cell } from '../src/store/row.ts';
import { sameSettings } from './entries/settings.ts';
import { objectIn } from './ledger-rows.ts';

export const cellKeys = { kept: 'kept', anchor: 'anchor', off: 'off', carried: 'carried' } as const;

/** The value of a cell; null when there is none. */
export type CellOf = (subject: string, key: string) => string | null;

/** Where a session that tunes stands when it tries nothing. */
export interface Stands {
  /** The anchor, which sessions without the lease follow. */
  readonly anchor?: Settings;
  /** The setting to start from next time. */
  readonly keep?: Settings;
}

export interface AnchorOfHolder {
  readonly settings: Settings;
  /** False when the holder was configured with another default: what is good there may not be good here. */
  readonly sameDefault: boolean;
}

/** Whose cells are asked for. */
export interface CellOwner {
  readonly executor: string;
  readonly configured: Settings;
}

/** A setting, and the configured default it is good under. */
interface Standing {
  readonly configured: Settings;
  readonly settings: Settings;
}

/** The switch of all executors. */
const everyExecutor = '*';

const isOff = 'yes';

export function isOffIn(cell: CellOf, { executor }: CellOwner): boolean {
  return [executor, everyExecutor].some((name) => cell(name, cellKeys.off) === isOff);
}

export function switchedOffIn(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap(({ subject, key, value }) => (key === cellKeys.off && value === isOff ? [subject] : []));
}

export function anchorIn(cell: CellOf, owner: CellOwner): Settings {
  const kept = standingIn(cell, owner, cellKeys.kept);
  return kept?.sameDefault ? kept.settings : owner.configured;
}

export function anchorOfHolderIn(cell: CellOf, owner: CellOwner): AnchorOfHolder | null {
  return standingIn(cell, owner, cellKeys.anchor);
}

export function switchCell(off: boolean, { executor }: CellOwner): Cell {
  return { subject: executor, key: cellKeys.off, value: off ? isOff : 'no' };
}

export function standsCells({ anchor, keep }: Stands, { executor, configured }: CellOwner): readonly Cell[] {
  const standing = (key: string, settings: Settings | undefined): readonly Cell[] =>
    settings ? [{ subject: executor, key, value: JSON.stringify({ configured, settings } satisfies Standing) }] : [];
  return [...standing(cellKeys.anchor, anchor), ...standing(cellKeys.kept, keep)];
}

function standingIn(cell: CellOf, owner: CellOwner, key: string): AnchorOfHolder | null {
  const { configured, settings } = (objectIn(cell(owner.executor, key)) ?? {}) as Partial<Standing>;
  const isWhole = typeof configured === 'object' && typeof settings === 'object' && configured && settings;
  return isWhole ? { settings, sameDefault: sameSettings(configured, owner.configured) } : null;
}
