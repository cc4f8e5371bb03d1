/**
 * What is said between the bench and an arm that runs in a process of its own.
 *
 *   bench ── open ──▶ arm-process.ts ── opened ──▶ bench ── measure ──▶ … ── measured ──▶ … ── close ──▶ it ends
 *
 * One question at a time; whatever goes wrong is answered with `failed`, and the process ends.
 */
import type { Numbers } from '../compare.ts';

export type Question =
  | {
      readonly kind: 'open';
      /** URL of a module with `openArm` (see ArmModule). */
      readonly module: string;
      /** Plain data for it. */
      readonly spec: unknown;
      readonly package: PackageLocation;
    }
  | { readonly kind: 'measure'; readonly share: number }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'measured'; readonly numbers: Numbers }
  | { readonly kind: 'failed'; readonly message: string };

/** Which sandtune an arm runs. */
export interface PackageLocation {
  /** Folder of its package.json. */
  readonly root: string;
  /** URL of the file that maps what was named otherwise there; null: named as here. */
  readonly names: string | null;
}
