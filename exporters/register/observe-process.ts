/**
 * Observes the pools of this thread from their first calls on, and reports when it ends: however it ends,
 * which may be by `process.exit()` or by a signal, so that nothing can be waited for then.
 *
 *   first call of a pool ──▶ observePool ──▶ … ──▶ the pool closes, the process exits,
 *                                                  or gets a signal that nobody else hears ──▶ report on disk
 */
import { isMainThread } from 'node:worker_threads';
import { isStoodOn } from '../../src/executor/resource.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { countedText } from '../words/numbers.ts';
import { printable } from '../words/printable.ts';
import type { FoundPools } from './find-pools.ts';
import { hideListener } from './hidden-listener.ts';
import { type ObservedPool, observePool } from './observe-pool.ts';
import { writeObserved } from './observed-report.ts';
import { type Mark, tellObserver } from './observer.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A program that makes a pool for each of its requests has the first of them observed: each costs a report. */
const mostObserved = 16;

export function observeProcess(host: NodeJS.Process, found: FoundPools): void {
  /** null: one that is not measured. */
  const pools = new WeakMap<object, ObservedPool | null>();
  const open = new Set<ObservedPool>();
  let begunCount = 0;
  let leftOutCount = 0;
  /** Whoever observes tells all of it at the end; where nobody does, it is told here. */
  const tell = (mark: Mark, lines: readonly string[]) => {
    if (tellObserver(host, mark)) return;
    for (const line of lines) host.stderr.write(`${printable(`sandtune: ${line}`)}\n`);
  };
  const say = (line: string) => tell({ kind: 'said', line }, [line]);

  const observedOf = (pool: object, run: ObservedPool['run']): ObservedPool | null => {
    const known = pools.get(pool);
    if (known !== undefined) return known;
    const observed = isMeasured(pool) ? null : begun(pool, run);
    pools.set(pool, observed);
    return observed;
  };
  const begun = (pool: object, run: ObservedPool['run']): ObservedPool | null => {
    if (begunCount === mostObserved) {
      leftOutCount++;
      return null;
    }
    try {
      const observed = observePool(pool, run);
      begunCount++;
      open.add(observed);
      (pool as NodeJS.EventEmitter).once('close', () => over(observed));
      const { executor, tuner } = observed;
      const { session } = tuner.history.entry;
      tellObserver(host, { kind: 'begun', executor: executor.name, session, ledger: tuner.ledger.path });
      return observed;
    } catch (error) {
      say(`a pool is not measured: ${messageOf(error)}`);
      return null;
    }
  };
  /** A pool reports once, also where it closes before the process ends. */
  const over = (observed: ObservedPool) => {
    if (!open.delete(observed)) return;
    const { session } = observed.tuner.history.entry;
    const lines = linesOf(observed);
    tell({ kind: 'reported', session, lines }, lines);
    Promise.resolve(observed.tuner[Symbol.asyncDispose]()).catch(() => undefined);
  };
  const allOver = () => {
    for (const observed of open) over(observed);
    if (leftOutCount > 0)
      say(
        `${countedText(leftOutCount, 'more pool')} were called and not measured, which the first ${mostObserved} were: a pool that is kept starts its threads once`,
      );
    leftOutCount = 0;
  };

  found.each(({ prototype }) => {
    const own = Object.getOwnPropertyDescriptor(prototype, 'run')?.value as ObservedPool['run'];
    prototype.run = function measuredRun(this: object, ...args: unknown[]) {
      const observed = observedOf(this, own);
      return observed === null ? own.apply(this, args) : observed.run(...args);
    };
    // A pool tells of close(), and of destroy() nothing.
    const end = Object.getOwnPropertyDescriptor(prototype, 'destroy')?.value as ObservedPool['run'] | undefined;
    if (typeof end !== 'function') return;
    prototype.destroy = function reportedDestroy(this: object, ...args: unknown[]) {
      const ended = end.apply(this, args);
      const observed = pools.get(this);
      const report = () => observed && over(observed);
      // Before whoever awaits the end goes on, which may be to end the process.
      Promise.resolve(ended).then(report, report);
      return ended;
    };
  });
  host.once('exit', allOver);
  // A worker gets no signals.
  if (!isMainThread) return;
  hideListener(host, onSignal);
  for (const signal of signals) host.on(signal, onSignal);

  /** A program that hears the signal ends by itself, or not. One that does not would have died of it. */
  function onSignal(signal: NodeJS.Signals): void {
    if (host.listeners(signal).length > 0) return;
    allOver();
    host.off(signal, onSignal);
    host.kill(host.pid, signal);
  }
}

/** By the program itself, which has wrapped it, or by the sandbox it is part of. */
function isMeasured(pool: object): boolean {
  const { options } = pool as { readonly options?: unknown };
  return typeof options === 'object' && options !== null && isStoodOn(options);
}

function linesOf({ executor, tuner }: ObservedPool): readonly string[] {
  try {
    const { offered, outcomes, inFlight } = executor.totals();
    tuner.remark({ kind: 'accounting', offered, outcomes, inFlight });
    return writeObserved(tuner);
  } catch (error) {
    return [`no report of '${executor.name}': ${messageOf(error)}`];
  }
}
