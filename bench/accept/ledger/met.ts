/** What a damaged ledger does to whoever meets it: one that looks, one that starts, one that runs. */
import { join } from 'node:path';
import { report } from '../../../exporters/report/report.ts';
import { replayOf, reportOf } from '../../../exporters/stored/report-of.ts';
import { isSandtuneError, messageOf } from '../../../src/foundation/errors.ts';
import type { ChainFault } from '../../../src/store/chain.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import type { Mode } from '../../../tuner/options.ts';
import { type Base, copyLedger, fileName, tunedFrom } from './bases.ts';

/** `typed`: refused by an error of ours. `raw`: by any other one. */
type Said = 'answered' | 'typed' | 'raw';

export interface Looked {
  readonly open: Said;
  readonly report: Said;
  readonly replay: Said;
  /** By the chain; null where it could not be asked. */
  readonly faults: readonly ChainFault[] | null;
  /** Replayed without a difference, or had nothing to replay. */
  readonly isIdentical: boolean;
  readonly complaints: readonly string[];
}

export interface Started {
  readonly tune: Said;
  /** Of proposal, stop and report of the running tuner: those that failed by an error that is not ours. */
  readonly raw: number;
  readonly mode: Mode | null;
  readonly isSetAside: boolean;
  /** False when the switches of a file that was set aside could not be read. */
  readonly areSwitchesKnown: boolean;
  readonly complaints: readonly string[];
}

/** Whoever only looks. */
export async function look(stateDir: string): Promise<Looked> {
  const complaints: string[] = [];
  const ask = asker(complaints);
  const [open, ledger] = ask('open', () => openLedger({ stateDir, executor: '*', readOnly: true }));
  using _ledger = ledger ?? undefined;
  const [, faults] = ledger ? ask('faults', () => ledger.faults()) : [null, null];
  const [reported] = await ask.later('report', () => reportOf(stateDir));
  const [replayed, played] = await ask.later('replay', () => replayOf(stateDir));
  return { open, report: reported, replay: replayed, faults, isIdentical: played?.identical ?? true, complaints };
}

/** A start on it, a proposal, a report of the running tuner, and its end. `harm` comes while it runs. */
export async function start(stateDir: string, mode: Mode, harm: () => void = () => {}): Promise<Started> {
  const complaints: string[] = [];
  const ask = asker(complaints);
  const [tuned, tuner] = ask('tune()', () => tunedFrom(stateDir, mode));
  if (!tuner) return { tune: tuned, raw: 0, mode: null, isSetAside: false, areSwitchesKnown: true, complaints };
  const { setAside } = tuner.ledger;
  const started = tuner.mode;
  const said: Said[] = [];
  harm();
  if (tuner.mode === 'auto') said.push((await ask.later('propose()', () => tuner.propose({ size: 16 })))[0]);
  else for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  said.push(ask('report of the running tuner', () => report(tuner.ledger).html.length)[0]);
  said.push((await ask.later('stop()', () => tuner.stop()))[0]);
  said.push((await ask.later('asyncDispose', () => tuner[Symbol.asyncDispose]()))[0]);
  return {
    tune: tuned,
    raw: said.filter((one) => one === 'raw').length,
    mode: started,
    isSetAside: setAside !== null,
    areSwitchesKnown: setAside?.carriedOver ?? true,
    complaints,
  };
}

/** A copy of the base in a folder of its own. */
export function copyOf(base: Base, root: string, name: string): { readonly stateDir: string; readonly path: string } {
  const stateDir = join(root, name);
  copyLedger(base.stateDir, stateDir);
  return { stateDir, path: join(stateDir, fileName) };
}

function asker(complaints: string[]) {
  const failed = (what: string, error: unknown): Said => {
    if (isSandtuneError(error)) return 'typed';
    complaints.push(`${what}: ${messageOf(error)}`);
    return 'raw';
  };
  const ask = <T>(what: string, work: () => T): readonly [Said, T | null] => {
    try {
      return ['answered', work()];
    } catch (error) {
      return [failed(what, error), null];
    }
  };
  ask.later = async <T>(what: string, work: () => PromiseLike<T>): Promise<readonly [Said, T | null]> => {
    try {
      return ['answered', await work()];
    } catch (error) {
      return [failed(what, error), null];
    }
  };
  return ask;
}
