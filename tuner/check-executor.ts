/** The checks of what `tune()` is given to tune: anybody may write an executor, and its knobs are data in a ledger. */

import { missingOfPiscina } from '../src/adapters/piscina/piscina-shape.ts';
import type { Executor, Knob, Load } from '../src/contracts.ts';
import { domainFault, domainText, idText, isDomain, isId, isInDomain } from '../src/executor/domain.ts';
import { isSandtuneError, messageOf, SandtuneError } from '../src/foundation/errors.ts';
import { quoted } from '../src/foundation/options.ts';
import { settingsShape } from './entries/settings-shape.ts';

const methods = ['run', 'openWindow', 'close'] as const satisfies readonly (keyof Executor)[];
const loads: readonly unknown[] = ['open', 'closed'] satisfies readonly Load[];
const knobMethods = ['read', 'apply', 'keepWarm', 'patch'] as const satisfies readonly (keyof Knob)[];

/**
 * @throws {SandtuneError} ERR_SANDTUNE_TARGET for what is no executor; ERR_SANDTUNE_KNOB for a knob without an
 *   id of its own, a domain, or a default value in it
 */
export function checkExecutor(executor: unknown, caller = 'tune()'): void {
  try {
    checkShape(executor, caller);
  } catch (error) {
    if (isSandtuneError(error)) throw error;
    throw new SandtuneError(
      'ERR_SANDTUNE_TARGET',
      `${caller}: expected an executor that can be read, got: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** What is wrong with a value as an executor, in words, with the way to make one of it; null: it is one. */
export function lackingOfExecutor(executor: unknown): string | null {
  if (executor instanceof Promise) return 'a Promise: await it first (createSandbox() returns one)';
  if (typeof executor === 'function') return `${quoted(executor)}: wrap() makes an executor of it`;
  if (typeof executor !== 'object' || executor === null) return quoted(executor);
  const { name, load, knobs } = executor as Partial<Executor>;
  const lacking = missing(executor, methods);
  if (lacking && missingOfPiscina(executor) === undefined) return 'a bare pool: wrap(pool) makes an executor of it';
  if (lacking) return `${quoted(executor)}, which has no ${lacking}()`;
  if (!isId(name)) return `one whose name is ${quoted(name)} and not ${idText}`;
  if (load !== undefined && !loads.includes(load)) return `one whose load is ${quoted(load)}`;
  return Array.isArray(knobs) ? null : `one whose knobs are ${quoted(knobs)}`;
}

function checkShape(executor: unknown, caller: string): void {
  const lacking = lackingOfExecutor(executor);
  if (lacking !== null) throw noExecutor(caller, lacking);
  const { knobs } = executor as Executor;
  const ids = new Set<string>();
  for (const knob of knobs as readonly Knob[]) {
    checkKnob(knob);
    if (ids.has(knob.id)) throw wrongKnob(`expected knobs of different ids, got ${quoted(knob.id)} twice`);
    ids.add(knob.id);
  }
  for (const knob of knobs) checkActsUnder(knob, knobs);
}

/** A knob that waits for what never comes would never be tried, without a word. */
function checkActsUnder({ id, actsUnder = {} }: Knob, knobs: readonly Knob[]): void {
  for (const [other, value] of Object.entries(actsUnder)) {
    const name = `actsUnder of knob ${quoted(id)}`;
    const knob = other === id ? undefined : knobs.find((one) => one.id === other);
    if (!knob) throw wrongKnob(`${name}: expected ids of other knobs, got ${quoted(other)}`);
    if (!isInDomain(knob.domain, value))
      throw wrongKnob(`${name}: expected ${quoted(other)} to be ${domainText(knob.domain)}, got ${quoted(value)}`);
  }
}

function checkKnob(knob: Knob): void {
  if (typeof knob !== 'object' || knob === null) throw wrongKnob(`expected a knob, got ${quoted(knob)}`);
  const { id, domain, defaultValue, actsUnder } = knob;
  if (!isId(id)) throw wrongKnob(`the id of a knob: expected ${idText}, got ${quoted(id)}`);
  const lacking = missing(knob, knobMethods);
  if (lacking) throw wrongKnob(`knob ${quoted(id)}: expected a function ${lacking}(), got none`);
  if (!isDomain(domain)) throw wrongKnob(domainFault(`the domain of knob ${quoted(id)}`, domain));
  if (!isInDomain(domain, defaultValue))
    throw wrongKnob(
      `the defaultValue of knob ${quoted(id)}: expected ${domainText(domain)}, got ${quoted(defaultValue)}`,
    );
  if (actsUnder !== undefined && !settingsShape(actsUnder))
    throw wrongKnob(`actsUnder of knob ${quoted(id)}: expected values of other knobs, got ${quoted(actsUnder)}`);
}

function missing(target: object, names: readonly string[]): string | null {
  return names.find((name) => typeof (target as Readonly<Record<string, unknown>>)[name] !== 'function') ?? null;
}

function noExecutor(caller: string, got: string): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_TARGET',
    `${caller}: expected an executor, as wrap(), createSandbox() and measured() make it, got ${got}`,
  );
}

function wrongKnob(message: string): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_KNOB', message);
}
