/**
 * Knobs that executors of a kind have and this one has not, each with its reason: told where somebody asks
 * for such a knob, and once a session in its notes.
 */
import type { Executor, Settings } from '../src/contracts.ts';
import { isId } from '../src/executor/domain.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import { quoted } from '../src/foundation/options.ts';
import { valueIn } from '../src/foundation/settings.ts';
import type { Note } from './entries/entries.ts';

type Withheld = NonNullable<Executor['withheld']>;

/** Characters of a reason. Anybody may write an executor, and what it says goes into a ledger. */
const longestReason = 1024;

/** What an executor says of it, as far as that can be read. */
export function withheldOf(executor: Executor): Withheld {
  try {
    const told = Object.entries(executor.withheld ?? {}).filter(([id, text]) => isId(id) && typeof text === 'string');
    return Object.fromEntries(told.map(([id, text]) => [id, text.toWellFormed().slice(0, longestReason)]));
  } catch {
    return {};
  }
}

/** @throws {SandtuneError} ERR_SANDTUNE_KNOB for a knob that is withheld, with its reason */
export function checkOffered({ knobs, withheld = {} }: Executor, settings: Settings): void {
  for (const id of Object.keys(settings)) {
    const reason = valueIn(withheld, id);
    if (reason === undefined || knobs.some((knob) => knob.id === id)) continue;
    throw new SandtuneError('ERR_SANDTUNE_KNOB', `no knob ${quoted(id)} here: ${reason}`);
  }
}

/** One for each reason. */
export function withheldNotes({ withheld = {} }: Executor): readonly Note[] {
  const byReason = Map.groupBy(Object.entries(withheld), ([, reason]) => reason);
  return [...byReason].map(([reason, knobs]) => ({
    kind: 'note',
    code: 'withheld',
    title: knobs.length === 1 ? 'a knob not offered' : 'knobs not offered',
    text: `${knobs.map(([id]) => id).join(', ')}: ${reason}`,
  }));
}
