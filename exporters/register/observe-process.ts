/**
 * Observes the pools of this process from their first calls on, and reports when it ends: however it ends,
 * which may be by `process.exit()` or by a signal, so that nothing can be waited for then.
 *
 *   first call of a pool ──▶ observePool ──▶ … ──▶ the pool closes, the process exits,
 *                                                  or gets a signal that nobody else hears ──▶ report on disk
 */
import { join } from 'node:path';
import { messageOf } from '../../src/foundation/errors.ts';
import { report } from '../report/report.ts';
import { writeReportSync } from '../report/write-report.ts';
import { reportFolder } from '../terminal/report-folder.ts';
import { printable } from '../words/printable.ts';
import type { FoundPools } from './find-pools.ts';
import { type ObservedPool, observePool } from './observe-pool.ts';
import { tellObserver } from './observer.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A program that makes a pool for each of its requests has the first of them observed. */
const mostAtOnce = 16;

export function observeProcess(host: NodeJS.Process, found: FoundPools): void {
  /** null: one that is not measured. */
  const pools = new WeakMap<object, ObservedPool | null>();
  const open = new Set<ObservedPool>();
  const say = (line: string) => void host.stderr.write(`${printable(`sandtune: ${line}`)}\n`);

  const observedOf = (pool: object, run: ObservedPool['run']): ObservedPool | null => {
    const known = pools.get(pool);
    if (known !== undefined) return known;
    const observed = open.size < mostAtOnce ? begun(pool, run, say) : null;
    pools.set(pool, observed);
    if (observed) {
      open.add(observed);
      (pool as NodeJS.EventEmitter).once('close', () => over(observed));
    }
    return observed;
  };
  /** A pool reports once, also where it closes before the process ends. */
  const over = (observed: ObservedPool) => {
    if (!open.delete(observed)) return;
    reportOn(observed, say);
    tellObserver(host.env);
    Promise.resolve(observed.tuner[Symbol.asyncDispose]()).catch(() => undefined);
  };
  const allOver = () => {
    for (const observed of open) over(observed);
  };

  found.each(({ prototype }) => {
    const own = Object.getOwnPropertyDescriptor(prototype, 'run')?.value as ObservedPool['run'];
    prototype.run = function measuredRun(this: object, ...args: unknown[]) {
      const observed = observedOf(this, own);
      return observed === null ? own.apply(this, args) : observed.run(...args);
    };
  });
  host.once('exit', allOver);
  const listenersOf = host.listeners.bind(host);
  host.listeners = (event: string | symbol) => listenersOf(event).filter((one) => one !== onSignal);
  for (const signal of signals) host.on(signal, onSignal);

  /**
   * A program that hears the signal ends by itself, or not. One that does not would have died of it. Ours is not
   * among the listeners that it sees: packages such as signal-exit end the process where theirs is the only one.
   */
  function onSignal(signal: NodeJS.Signals): void {
    if (host.listeners(signal).length > 0) return;
    allOver();
    host.off(signal, onSignal);
    host.kill(host.pid, signal);
  }
}

function begun(pool: object, run: ObservedPool['run'], say: (line: string) => void): ObservedPool | null {
  try {
    return observePool(pool, run);
  } catch (error) {
    say(`a pool is not measured: ${messageOf(error)}`);
    return null;
  }
}

function reportOn({ executor, tuner }: ObservedPool, say: (line: string) => void): void {
  try {
    const { offered, outcomes, inFlight } = executor.totals();
    tuner.remark({ kind: 'accounting', offered, outcomes, inFlight });
    const made = report(tuner.ledger);
    say(`observed '${executor.name}', ${offered} calls: ${made.data.verdict.line}`);
    const folder = reportFolder(tuner.ledger.path);
    if (folder === null) return;
    const { html } = writeReportSync(made, join(folder, executor.name.replace(/[^\w.-]+/g, '-')));
    say(`report of '${executor.name}': ${html}`);
  } catch (error) {
    say(`no report of '${executor.name}': ${messageOf(error)}`);
  }
}
