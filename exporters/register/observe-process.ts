/**
 * Observes the pools of this process from their first calls on, and reports when it ends: however it ends,
 * which may be by `process.exit()` or by a signal, so that nothing can be waited for then.
 *
 *   first call of a pool ──▶ observePool ──▶ … ──▶ exit, or a signal that nobody else hears ──▶ report on disk
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

export function observeProcess(host: NodeJS.Process, found: FoundPools): void {
  /** null: one that cannot be measured, which was said. */
  const pools = new Map<object, ObservedPool | null>();
  const say = (line: string) => void host.stderr.write(`${printable(`sandtune: ${line}`)}\n`);

  found.each(({ prototype }) => {
    const own = Object.getOwnPropertyDescriptor(prototype, 'run')?.value as ObservedPool['run'];
    prototype.run = function measuredRun(this: object, ...args: unknown[]) {
      let observed = pools.get(this);
      if (observed === undefined) {
        observed = begun(this, own, say);
        pools.set(this, observed);
      }
      return observed === null ? own.apply(this, args) : observed.run(...args);
    };
  });

  let isReported = false;
  const reportAll = () => {
    if (isReported) return;
    isReported = true;
    const observed = [...pools.values()].filter((one) => one !== null);
    for (const one of observed) reportOn(one, observed.length > 1, say);
    if (observed.length > 0) tellObserver(host.env);
  };
  host.once('exit', reportAll);
  for (const signal of signals) host.on(signal, onSignal);

  /** A program that hears the signal ends by itself, or not. One that does not would have died of it. */
  function onSignal(signal: NodeJS.Signals): void {
    if (host.listenerCount(signal) > 1) return;
    reportAll();
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

function reportOn({ executor, tuner }: ObservedPool, isOneOfMany: boolean, say: (line: string) => void): void {
  try {
    const { offered, outcomes, inFlight } = executor.totals();
    tuner.remark({ kind: 'accounting', offered, outcomes, inFlight });
    const made = report(tuner.ledger);
    say(`observed '${executor.name}', ${offered} calls: ${made.data.verdict.line}`);
    const folder = reportFolder(tuner.ledger.path);
    if (folder === null) return;
    const { html } = writeReportSync(
      made,
      isOneOfMany ? join(folder, executor.name.replace(/[^\w.-]+/g, '-')) : folder,
    );
    say(`report of '${executor.name}': ${html}`);
  } catch (error) {
    say(`no report of '${executor.name}': ${messageOf(error)}`);
  }
}
