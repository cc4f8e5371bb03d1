/**
 * A scripted session on a real ledger, in a simulated world whose time is hurried: a proposal is
 * tried, committed, held back and kept, and the tuner is stopped. Somebody makes the disk fail meanwhile.
 * Prints, as JSON, where the session ended and who was told.
 *
 *   --state-dir DIR --without 'way back' | 'word'
 */
import { statfsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Executor, Settings } from '../../../src/contracts.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { isSandtuneError, messageOf } from '../../../src/foundation/errors.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { type Entry, type Tuner, tune } from '../../../tuner/index.ts';
import { Announcer } from '../../../tuner/shell/announcer.ts';
import { createWorld } from '../../worlds/simulated.ts';
import { replaceMethod } from '../replace-method.ts';
import { hurriedTime } from './hurried-time.ts';

export interface SessionResult {
  /** At its begin and before its end. */
  readonly modes: readonly string[];
  /** On the one proposal; or the code of the error it rejected with. */
  readonly decision: string;
  readonly onAnchor: boolean;
  readonly anchor: Settings;
  readonly settings: Settings;
  /** 'ok', or the code of the error that it rejected with. */
  readonly stopped: string;
  /** Codes of process warnings. */
  readonly warnings: readonly string[];
  /** Notes among the tuner's entries. */
  readonly notes: number;
  /** All of its entries. */
  readonly entries: number;
  /** What nobody caught, and what is no error of ours. */
  readonly raw: readonly string[];
  /** Fewest free blocks that were seen where the ledger is. */
  readonly fewestFree: number;
}

const { values } = parseArgs({ options: { 'state-dir': { type: 'string' }, without: { type: 'string' } } });
const stateDir = values['state-dir'] ?? '';

/** Real time that a decision and its hold-back get. */
const patienceMs = 1500;
/** Times as fast as it would be: all windows between two intents get on disk in few writes. */
const hurry = 300;

const warnings: string[] = [];
const raw: string[] = [];
process.on('warning', (warning) => warnings.push((warning as { code?: string }).code ?? warning.name));
process.on('unhandledRejection', (error) => raw.push(`unhandled: ${messageOf(error)}`));
process.on('uncaughtException', (error) => raw.push(`uncaught: ${messageOf(error)}`));
// Nobody is told of anything.
if (values.without === 'word') replaceMethod(Announcer.prototype, 'say', () => () => undefined);

const world = createWorld(
  {
    name: 'disk',
    knobs: [{ id: 'size', defaultValue: 1 }],
    load: { kind: 'closed', inFlight: 64 },
    law: ({ size }) => ({ perSecond: Number(size) >= 8 ? 15_000 : 10_000 }),
    noise: { sigma: 0.02, tail: 0.08 },
  },
  1,
);
let fewestFree = Number.POSITIVE_INFINITY;
const look = () => {
  fewestFree = Math.min(fewestFree, statfsSync(stateDir).bavail);
};

let [notes, entries] = [0, 0];
const hear = (entry: Entry) => {
  look();
  entries++;
  if (entry.kind === 'remark' && entry.remark.kind === 'note') notes++;
};

const tuner = tune(values.without === 'way back' ? withoutWayBack(world.executor) : world.executor, {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 5%'],
  persist: true,
  stateDir,
  seed: 7,
  surroundings: hurriedTime(world, hurry),
  expert: { windowMs: 50, baselineWindows: 6, noisePairs: 0, holdBackFraction: 0.5, restMs: 10_000 },
});
tuner.watch(hear);
const begunIn = tuner.mode;
const kept = Promise.withResolvers<void>();
tuner.watch((entry) => {
  if (entry.kind === 'record' && entry.record.kind === 'anchor') kept.resolve();
});
const decision = await decisionOn(tuner, { size: 8 });
if (decision === 'commit') await inTime(kept.promise);
const endedIn = tuner.mode;
const stopped = await tuner.stop().then(() => 'ok', note);
look();
const settings = world.settings();
const { anchor } = tuner;
try {
  await tuner.ledger[Symbol.asyncDispose]();
} catch (error) {
  note(error);
}
// A warning is heard of in a turn of its own.
await systemTimers.sleep(10, { keepAlive: true });
const result: SessionResult = {
  modes: [begunIn, endedIn],
  decision,
  onAnchor: sameSettings(settings, anchor),
  anchor,
  settings,
  stopped,
  warnings,
  notes,
  entries,
  raw,
  fewestFree,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function decisionOn(from: Tuner, settings: Settings): Promise<string> {
  try {
    return (await inTime(from.propose(settings)))?.decision ?? 'none in time';
  } catch (error) {
    return note(error);
  }
}

/** What waits for a disk that stays broken never comes. */
function inTime<T>(done: Promise<T>): Promise<T | undefined> {
  return Promise.race([done, systemTimers.sleep(patienceMs, { keepAlive: true }).then(() => undefined)]);
}

/** Code of an error of ours; any other one is a raw one. */
function note(error: unknown): string {
  if (isSandtuneError(error)) return error.code;
  raw.push(messageOf(error));
  return 'raw';
}

/** An executor of which no knob goes back to where it began. */
function withoutWayBack(executor: Executor): Executor {
  const knobs = executor.knobs.map((knob) => ({
    ...knob,
    apply: async (value: never) => {
      if (value !== knob.defaultValue) await knob.apply(value);
    },
  }));
  return { ...executor, knobs, openWindow: () => executor.openWindow() };
}
