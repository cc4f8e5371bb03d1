/**
 * What is known of a service from what it said: which stage of its life it is in, and what it has put in
 * its ledger. Pure: `heard(before, said)` gives what is known then.
 */
import type { Settings } from '../../../src/contracts.ts';
import type { Said } from './said.ts';

/**
 * start: until the first window. intent: a probe or a trial was written down and nothing is in force yet.
 * baseline, candidate: windows of a trial. commit: the new anchor was recorded, and is not known to be on
 * disk. stop: the service was told to end.
 */
export const stages = [
  'start',
  'observing',
  'a/a',
  'probing',
  'intent',
  'baseline',
  'candidate',
  'hold-back',
  'commit',
  'stop',
] as const;
export type Stage = (typeof stages)[number];

interface SessionHeard {
  /** Digest of each entry, in order. */
  readonly digests: readonly string[];
  /** So many of them were said to be on disk. */
  readonly durable: number;
}

export interface Hearing {
  readonly stage: Stage;
  /** Windows begun so far, by the stage they began in. */
  readonly windows: Readonly<Partial<Record<Stage, number>>>;
  /** What goes on: the stage after an intent. */
  readonly run: 'nothing' | 'a/a' | 'probing' | 'trial' | 'hold-back';
  readonly configured: Settings | null;
  readonly sessions: ReadonlyMap<number, SessionHeard>;
  /** The mode and the anchor of the newest session. */
  readonly mode: string | null;
  readonly anchor: Settings | null;
  /** What was in force in the first window of the newest session. */
  readonly standsOn: Settings | null;
  /** All that was proposed is decided, and nothing begins by itself before the kill's deadline. */
  readonly rests: boolean;
  /** The entry of an anchor that is not known to be on disk. */
  readonly pendingAnchor: { readonly session: number; readonly place: number } | null;
}

export const nothingHeard: Hearing = {
  stage: 'start',
  windows: {},
  run: 'nothing',
  configured: null,
  sessions: new Map(),
  mode: null,
  anchor: null,
  standsOn: null,
  rests: false,
  pendingAnchor: null,
};

export function heard(before: Hearing, said: Said): Hearing {
  switch (said.kind) {
    case 'opening':
      return { ...before, configured: said.configured };
    case 'measuring':
      return withWindow(at(before, stageOfWindow(before, said.onAnchor)));
    case 'durable':
      return durable(before, said);
    case 'entry':
      return entry(before, said);
  }
}

/** The service was told to end. */
export function toldToEnd(before: Hearing): Hearing {
  return at(before, 'stop');
}

function stageOfWindow({ run, stage }: Hearing, onAnchor: boolean): Stage {
  if (stage === 'commit') return stage;
  if (run === 'trial') return onAnchor ? 'baseline' : 'candidate';
  return run === 'nothing' ? 'observing' : run;
}

function durable(before: Hearing, { session, place }: Extract<Said, { kind: 'durable' }>): Hearing {
  const sessions = withSession(before, session, (one) => ({ ...one, durable: Math.max(one.durable, place) }));
  const { pendingAnchor } = before;
  const isOnDisk = pendingAnchor?.session === session && pendingAnchor.place <= place;
  return isOnDisk ? at({ ...before, sessions, pendingAnchor: null }, 'observing') : { ...before, sessions };
}

function entry(before: Hearing, said: Extract<Said, { kind: 'entry' }>): Hearing {
  const { session, place, digest, what, settings = null } = said;
  const known: Hearing = {
    ...before,
    sessions: withSession(before, session, (one) => ({ ...one, digests: [...one.digests, digest] })),
  };
  const [kind, name, detail] = what.split(':');
  if (kind === 'session') return { ...known, mode: name ?? null, anchor: settings, standsOn: null };
  if (kind === 'event') {
    const standsOn = known.standsOn ?? settings;
    return known.stage === 'intent' ? at({ ...known, standsOn }, afterIntent(known)) : { ...known, standsOn };
  }
  if (kind !== 'record') return known;
  switch (name) {
    case 'trial':
      if (detail === 'a/a') return at({ ...known, run: 'a/a' }, 'a/a');
      return detail === 'hold-back'
        ? at({ ...known, run: 'hold-back' }, 'hold-back')
        : at({ ...known, run: 'trial' }, 'intent');
    case 'probe':
      return at({ ...known, run: 'probing' }, 'intent');
    case 'anchor':
      return at({ ...known, run: 'nothing', pendingAnchor: { session, place } }, 'commit');
    case 'noise':
    case 'not-tried':
      return at({ ...known, run: 'nothing' }, 'observing');
    case 'phase':
      return at({ ...known, run: 'nothing', rests: detail === 'resting' }, 'observing');
    case 'decision':
      return detail === 'commit' ? known : at({ ...known, run: 'nothing' }, 'observing');
    default:
      return known;
  }
}

function afterIntent({ run }: Hearing): Stage {
  return run === 'probing' ? 'probing' : 'baseline';
}

/** Being told to end is for good, and a commit lasts until it is on disk. */
function at(known: Hearing, stage: Stage): Hearing {
  if (known.stage === 'stop') return known;
  return known.stage === 'commit' && known.pendingAnchor !== null && stage !== 'stop' ? known : { ...known, stage };
}

function withWindow(known: Hearing): Hearing {
  const { stage, windows } = known;
  return { ...known, windows: { ...windows, [stage]: (windows[stage] ?? 0) + 1 } };
}

function withSession(
  { sessions }: Hearing,
  session: number,
  change: (one: SessionHeard) => SessionHeard,
): ReadonlyMap<number, SessionHeard> {
  return new Map(sessions).set(session, change(sessions.get(session) ?? { digests: [], durable: 0 }));
}
