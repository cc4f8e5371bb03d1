/**
 * The names of this process's executors. Ledger, lease and metrics know an executor by its name alone, so
 * two that nobody named must not share one: where a pool of `image/worker.js` is called `worker`, that of
 * `pdf/worker.js` is `pdf/worker`, and a second one of the same file `worker-2`. Programs make their executors
 * in the same order at every start, so each finds its own history again; a program that does not has to name them.
 *
 *   reserveName() ──▶ the executor is made ──▶ heldBy(executor) ── close() ──▶ releaseName()
 *
 * A name is free again once its executor was closed or collected. A name that a user gave is taken as it is.
 */
import { processWide } from '../foundation/process-wide.ts';

interface Holder {
  readonly of: WeakRef<object>;
  /** What it runs; undefined where that is not known, or where a user gave the name. */
  readonly runs: string | undefined;
}

/** Who has a name: of several that a user gave one name, the last. */
const holders = processWide('executor-names-2', () => new Map<string, Holder>());
const collected = new FinalizationRegistry<string>((name) => {
  if (!isTaken(name)) holders.delete(name);
});

/** What an executor is to be called. */
export interface WantedName {
  /** By its user. */
  readonly name: string | undefined;
  /** After what it runs. */
  readonly defaultName: string;
  /** Where that is the name of one that runs something else. */
  readonly otherwise?: { readonly name: string; readonly runs: string };
}

/** A name for an executor that is being made. Disposing this gives it back, unless an executor has it. */
export interface ReservedName extends Disposable {
  readonly name: string;
  readonly heldBy: (executor: object) => void;
}

export function reserveName({ name: given, defaultName, otherwise }: WantedName): ReservedName {
  const name = given ?? freeName(defaultName, otherwise);
  const runs = given === undefined ? otherwise?.runs : undefined;
  const reservation: ReservedName = {
    name,
    heldBy: (executor) => hold(name, executor, runs),
    [Symbol.dispose]: () => releaseName(name, reservation),
  };
  hold(name, reservation, runs);
  return reservation;
}

/** Does nothing when somebody else has the name by now. */
export function releaseName(name: string, holder: object): void {
  if (holders.get(name)?.of.deref() === holder) holders.delete(name);
}

function hold(name: string, holder: object, runs: string | undefined): void {
  holders.set(name, { of: new WeakRef(holder), runs });
  collected.register(holder, name);
}

function freeName(defaultName: string, otherwise: WantedName['otherwise']): string {
  const isOfAnother = otherwise && isTaken(defaultName) && holders.get(defaultName)?.runs !== otherwise.runs;
  const base = isOfAnother ? otherwise.name : defaultName;
  let name = base;
  for (let number = 2; isTaken(name); number++) name = `${base}-${number}`;
  return name;
}

function isTaken(name: string): boolean {
  return holders.get(name)?.of.deref() !== undefined;
}
