/** The state of an instance as data, and how it is had. */
import type { ModuleState } from '../module/module-state.ts';

/** How the state of a guest is had: by its memories and globals, or by functions of its own. */
export type StatePlan =
  | ({ readonly kind: 'memory' } & ModuleState)
  /** Indices among the guest's functions. */
  | { readonly kind: 'own'; readonly snapshot: number; readonly restore: number };

/** As it crosses between threads. */
export interface InstanceState {
  /** By export name. `bytes`: length = pages × 65,536 */
  readonly memories: readonly { readonly name: string; readonly pages: number; readonly bytes: Uint8Array }[];
  /** Numbers and i64 as decimal text, floats as their bits in hexadecimal. */
  readonly globals: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  /** Of a guest that takes its own; null for all others. */
  readonly snapshot: Uint8Array | null;
}

export interface TakenState extends InstanceState {
  /** How many instances of the guest this worker has made, this one included: after a trap there is another. */
  readonly instances: number;
}
