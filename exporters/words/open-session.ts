/** What is said of a session without a recorded end: who runs it, as far as that can be known. */

/** Read from who writes it. */
export type Runner =
  /** The process that began it lives, and has its ledger open; or it cannot be seen from here, and may. */
  | { readonly is: 'alive' | 'out of sight'; readonly holder: string }
  /** It is gone, or has closed its ledger. */
  | { readonly is: 'gone' }
  /** This process, which ends now: nothing is written any more. */
  | { readonly is: 'ending' };

/** @param runner null: not known */
export function openSessionText(runner: Runner | null): string {
  switch (runner?.is) {
    case 'alive':
      return `it still runs, in ${runner.holder}`;
    case 'out of sight':
      return `it still runs, or it was interrupted: it was begun by ${runner.holder}, which cannot be seen from here`;
    case 'ending':
      return 'its program ended while it ran';
    case 'gone':
      return 'it was interrupted, since what ran it is gone';
    default:
      return 'it still runs, or it was interrupted';
  }
}
