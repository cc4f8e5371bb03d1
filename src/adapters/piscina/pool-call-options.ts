/** What a call of a wrapped pool takes. */
import type { CallOptions } from '../../contracts.ts';
import type { PiscinaRunOptions } from './piscina-shape.ts';

/** CallOptions, and piscina's `transferList`, `filename` and `name`. */
export interface PoolCallOptions extends CallOptions, Omit<PiscinaRunOptions, 'signal'> {}

export const ownCallOptions = ['transferList', 'filename', 'name', 'abortSignal'] as const;
