/** Where the bytes of one call's result go, whichever way its caller has chosen (result-options.ts). */
import type { SandtuneError } from '../../foundation/errors.ts';
import type { BytesPlace } from './ring/values.ts';

export interface ResultPlace extends BytesPlace {
  /** Why the bytes could not be taken; null where they were, or none came yet. */
  readonly error: SandtuneError | null;
  /** True once bytes were given to it. */
  readonly isTaken: boolean;
  /** Bytes that it has taken. */
  readonly byteLength: number;
  /** The call has ended without it. */
  ended(): void;
}
