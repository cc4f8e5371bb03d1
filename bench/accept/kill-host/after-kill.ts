/** What a killed service left in its ledger, held against what it had said. */
import type { Settings } from '../../../src/contracts.ts';
import type { Entry } from '../../../tuner/index.ts';
import { type LedgerWrong, leftIn } from '../left-ledger.ts';
import type { Hearing } from './hearing.ts';
import { digestOf } from './said.ts';

export interface Findings {
  /** Where the next start has to stand; null when nothing was said of it. */
  readonly anchor: Settings | null;
  /** A sentence for each thing that is wrong. */
  readonly wrong: Readonly<Partial<Record<LeftWrong, string>>>;
}

/** durable: what was said to be on disk is not. content: what is on disk is not what was appended. */
export type LeftWrong = LedgerWrong | 'durable' | 'content';

/**
 * @param known what the killed service had said
 * @param wasThere a life before it had a ledger here. One killed while it made the file may leave one without tables
 */
export function findingsIn(stateDir: string, executor: string, known: Hearing, wasThere: boolean): Findings {
  const { entries, kept, wrong } = leftIn(stateDir, executor);
  if ('unreadable' in wrong && !wasThere && !isOnDisk(known)) return { anchor: known.configured, wrong: {} };
  return { anchor: kept ?? known.configured, wrong: { ...wrong, ...lost(entries, known) } };
}

/** Something was said to be on disk. */
export function isOnDisk({ sessions }: Hearing): boolean {
  return [...sessions.values()].some(({ durable }) => durable > 0);
}

/** What is on disk is a beginning of what was appended, and holds all that was said to be there. */
function lost(entries: readonly Entry[], { sessions }: Hearing): Findings['wrong'] {
  const wrong: Partial<Record<LeftWrong, string>> = {};
  for (const [session, { digests, durable }] of sessions) {
    const onDisk = entries.filter((entry) => entry.session === session).map(digestOf);
    if (onDisk.length < durable) wrong.durable = `${durable} entries were said to be on disk, ${onDisk.length} are`;
    const differs = onDisk.findIndex((digest, at) => at < digests.length && digest !== digests[at]);
    if (differs >= 0) wrong.content = `entry ${differs + 1} of session ${session} is not the one appended`;
  }
  return wrong;
}
