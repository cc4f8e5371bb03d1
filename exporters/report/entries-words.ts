/** Where in the ledger a statement stands. */

/** 'entries 31, 33'; 'the windows of its session' of what is counted from windows alone. */
export function entriesText(entries: readonly number[]): string {
  if (entries.length === 0) return 'the windows of its session';
  const listed = entries.slice(0, mostListed).join(', ');
  const more = entries.length > mostListed ? ` and ${entries.length - mostListed} more` : '';
  return `${entries.length === 1 ? 'entry' : 'entries'} ${listed}${more}`;
}

const mostListed = 6;
