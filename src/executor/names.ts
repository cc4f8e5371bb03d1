/**
 * The names of this process's executors. Ledger, lease and metrics know an executor by its name alone, so
 * two that nobody named must not share one: the second called `worker` is `worker-2`. Programs make their
 * executors in the same order at every start, so each finds its own history again; a program that does not
 * has to name them.
 *
 *   reserveName() ──▶ the executor is made ──▶ heldBy(executor) ── close() ──▶ releaseName()
 *
 * A name is free again once its executor was closed or collected. A name that a user gave is taken as it is.
 */
import { processWide } from '../foundation/process-wide.ts';

/** Who has a name: of several that a user gave one name, the last. */
const holders = processWide('executor-names', () => new Map<string, WeakRef<object>>());
const collected = new FinalizationRegistry<string>((name) => {
  if (!isTaken(name)) holders.delete(name);
});

/** What an executor is to be called. */
export interface WantedName {
  /** By its user. */
  readonly name: string | undefined;
  /** After what it runs. */
  readonly defaultName: string;
}

/** A name for an executor that is being made. Disposing this gives it back, unless an executor has it. */
export interface ReservedName extends Disposable {
  readonly name: string;
  readonly heldBy: (executor: object) => void;
}

export function reserveName({ name: given, defaultName }: WantedName): ReservedName {
  const name = given ?? freeName(defaultName);
  const reservation: ReservedName = {
    name,
    heldBy: (executor) => hold(name, executor),
    [Symbol.dispose]: () => releaseName(name, reservation),
  };
  hold(name, reservation);
  return reservation;
}

/** Does nothing when somebody else has the name by now. */
export function releaseName(name: string, holder: object): void {
  if (holders.get(name)?.deref() === holder) holders.delete(name);
}

function hold(name: string, holder: object): void {
  holders.set(name, new WeakRef(holder));
  collected.register(holder, name);
}

function freeName(base: string): string {
  let name = base;
  for (let number = 2; isTaken(name); number++) name = `${base}-${number}`;
  return name;
}

function isTaken(name: string): boolean {
  return holders.get(name)?.deref() !== undefined;
}
