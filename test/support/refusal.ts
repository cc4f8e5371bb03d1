import { isSandtuneError } from '../../src/foundation/errors.ts';

/** What `act` is refused with, as 'CODE message'; 'accepted' when it throws nothing. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isSandtuneError(error) ? `${error.code} ${error.message}` : String(error);
  }
  return 'accepted';
}
