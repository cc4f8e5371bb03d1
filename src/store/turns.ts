/**
 * Whose turn it is to compare settings, of all who would disturb each other: two trials on one machine share
 * its CPUs, so that each would measure the other's settings. Whoever wants to compare takes a place in a queue
 * and has the turn when nobody stands before it.
 *
 *   ask() ─▶ a place (or the one that is held) ─▶ 'ours' | who stands first ─▶ leave()
 *
 * The queue of a machine is a small SQLite file in the user's own folder of temporary files. A place whose
 * process has ended is free at once; one whose process was stopped, or cannot be seen from here, is free when
 * it has not been asked for again within the time that it said. A queue that somebody writes to just now is asked
 * again at the next question. Where the file cannot be had, the queue
 * is that of this process, in memory: turns are a courtesy, and nothing may fail for want of them.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../foundation/clock.ts';
import { processWide } from '../foundation/process-wide.ts';
import { identityIn, isGone, type ProcessIdentity, processText, thisProcess } from './process-identity.ts';
import { transaction } from './schema.ts';
import { DatabaseSync } from './sqlite.ts';
import { storeError } from './store-error.ts';

/** A place in the queue. */
interface PlaceInQueue {
  /** Random: tells two of one process apart. */
  readonly owner: string;
  /** What others wait for: 'api'. */
  readonly name: string;
  /** Unix ms. */
  readonly nowMs: number;
  /** The place is given up when it was not asked for again by then, Unix ms. */
  readonly goodUntilMs: number;
}

export interface Turns {
  /** Takes a place, or says that it is still wanted. @returns null when it is the first, else who is: "'api' of process 12 on web" */
  ask(place: PlaceInQueue): string | null;
  /** Gives the place up. */
  leave(owner: string): void;
}

/** Longest that the host's thread waits for another process at one question. */
const maxWaitMs = 20;

/** A queue that is written to at so many questions in a row is given up on. */
const mostBusy = 10;

/** The queue of all tuners of this user on this machine. @param folder where it lies */
export function turnsOfMachine(folder = folderOfUser()): Turns {
  const here = turnsOfProcess(systemClock);
  /** Who could not leave, because somebody else wrote just then. */
  const leaving = new Set<string>();
  let busy = 0;
  /** null where the file cannot be had. */
  const inFile = <T>(work: (queue: DatabaseSync) => T): { readonly answer: T } | 'busy' | null => {
    try {
      using queue = openQueue(folder);
      for (const owner of leaving) giveUp(queue, owner);
      leaving.clear();
      const answer = work(queue);
      busy = 0;
      return { answer };
    } catch (error) {
      return storeError(folder, error).trouble === 'locked' && ++busy < mostBusy ? 'busy' : null;
    }
  };
  return {
    ask: (place) => {
      leaving.delete(place.owner);
      const asked = inFile((queue) => first(queue, place));
      // Whoever writes there has a place too.
      return asked === 'busy' ? 'another tuner' : asked ? asked.answer : here.ask(place);
    },
    leave: (owner) => {
      leaving.add(owner);
      inFile(() => undefined);
      here.leave(owner);
    },
  };
}

const queues = processWide('turns', () => new WeakMap<Clock, Map<string, PlaceInQueue>>());

/** The queue of the tuners of this process that live by one clock: simulations do not disturb each other. */
export function turnsOfProcess(clock: Clock): Turns {
  const queue = queues.get(clock) ?? new Map<string, PlaceInQueue>();
  queues.set(clock, queue);
  return {
    ask: (place) => {
      // A name that is there already keeps its place.
      queue.set(place.owner, place);
      for (const { owner, name, goodUntilMs } of queue.values()) {
        if (owner === place.owner) return null;
        if (goodUntilMs >= place.nowMs) return holderText(name, thisProcess());
        queue.delete(owner);
      }
      return null;
    },
    leave: (owner) => void queue.delete(owner),
  };
}

/** Nobody waits for anybody. */
export const noTurns: Turns = { ask: () => null, leave: () => undefined };

function first(queue: DatabaseSync, { owner, name, nowMs, goodUntilMs }: PlaceInQueue): string | null {
  return transaction(queue, () => {
    queue
      .prepare(
        `INSERT INTO places (owner, process, name, good_until_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (owner) DO UPDATE SET good_until_ms = excluded.good_until_ms`,
      )
      .run(owner, JSON.stringify(thisProcess()), name, goodUntilMs);
    for (const row of queue.prepare('SELECT * FROM places ORDER BY place').all()) {
      if (row['owner'] === owner) return null;
      const process = identityIn(row['process']);
      if (process === null || isGone(process) || !(Number(row['good_until_ms']) >= nowMs))
        giveUp(queue, String(row['owner']));
      else return holderText(String(row['name']), process);
    }
    return null;
  });
}

/** "'api' of process 12 on web". */
function holderText(name: string, process: ProcessIdentity): string {
  return `'${name}' of ${processText(process)}`;
}

function giveUp(queue: DatabaseSync, owner: string): void {
  queue.prepare('DELETE FROM places WHERE owner = ?').run(owner);
}

function openQueue(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Anybody may have made a folder of that name among the temporary files of all.
  const { uid, mode } = lstatSync(folder);
  if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0))
    throw new Error(`${folder} is somebody else's`);
  const database = new DatabaseSync(join(folder, 'turns.sqlite'), { timeout: maxWaitMs });
  try {
    return withTable(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Nothing in it outlives the processes that stand in it, so that nothing waits for the disk. */
function withTable(database: DatabaseSync): DatabaseSync {
  database.exec(`PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS places (
      place INTEGER PRIMARY KEY AUTOINCREMENT,
      owner TEXT NOT NULL UNIQUE,
      process TEXT NOT NULL,
      name TEXT NOT NULL,
      good_until_ms REAL NOT NULL
    ) STRICT`);
  return database;
}

function folderOfUser(): string {
  return join(tmpdir(), `sandtune-${process.getuid?.() ?? 'user'}`);
}
