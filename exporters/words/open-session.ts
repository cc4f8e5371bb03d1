/** What is said of a session without a recorded end: who runs it, as far as that can be known. */

/** Read from the lease of its executor. */
export type Runner =
  /** The process that has the lease lives; or it cannot be seen from here, and may. */
  | { readonly is: 'alive' | 'out of sight'; readonly holder: string }
  /** Nobody has the lease, or a process that is gone. */
  | { readonly is: 'gone' };

/** @param runner null: not known, as of a session that only observed and needed no lease */
export function openSessionText(runner: Runner | null): string {
  switch (runner?.is) {
    case 'alive':
      return `it still runs, in ${runner.holder}`;
    case 'out of sight':
      return `it still runs, or it was interrupted: its lease belongs to ${runner.holder}, which cannot be seen from here`;
    case 'gone':
      return 'it was interrupted, since the process that ran it is gone';
    default:
      return 'it still runs, or it was interrupted';
  }
}
