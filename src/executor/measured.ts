/**
 * `measured()` makes an executor from a function that runs calls and from knobs of any name and type.
 * Windows, spans, trials and reports then work on it as on every other executor.
 *
 *   const executor = measured({
 *     name: 'compress',
 *     knobs: { codec: { domain: ['gzip', 'brotli'], value: 'gzip' } },
 *     run: (bytes: Buffer, { settings }) => compress(settings.codec, bytes),
 *   });
 */
import {
  type KnobSpec,
  type Move,
  type NumericRange,
  type Outcome,
  outcomes,
  type Patch,
  type Settings,
  type SettingValue,
} from '../contracts.ts';
import { callSiteOf } from '../foundation/call-site.ts';
import { isSandtuneError, SandtuneError } from '../foundation/errors.ts';
import { checkFunction } from '../foundation/foreign-values.ts';
import { canBeRead, checkKeys, checkOneOf, checkText, expected, reading } from '../foundation/options.ts';
import { valueIn } from '../foundation/settings.ts';
import { domainFault, domainText, idText, isDomain, isId, isInDomain } from './domain.ts';
import { functionExecutor } from './function-executor.ts';
import { executorSpec, type KnobParts } from './knob.ts';
import { wasMadeAt } from './made-at.ts';
import type { MeasuredExecutor } from './measured-executor.ts';
import { reserveName } from './names.ts';
import { type ExecutorOptions, resolveExecutorOptions } from './options.ts';
import type { QueuedCall } from './queued-executor.ts';
import { runsWork, workText } from './work-text.ts';

/** A knob of an executor made by `measured()`. Its arms alternate in time. */
export interface MeasuredKnob<V extends SettingValue = SettingValue> {
  /** The values it may have: a list of them, or a range of numbers. */
  readonly domain: readonly V[] | NumericRange;
  /** Where it stands at first. */
  readonly value: V;
  /**
   * Puts a value in force; where that takes time, resolves when it is in force. When it fails, nothing
   * may have changed.
   * @defaultValue does nothing: `run` reads `settings`
   */
  readonly set?: (value: V) => void | Promise<void>;
  /**
   * Gives the value in force, where that can be observed; only `read()` calls it.
   * @defaultValue the value that was set last
   */
  readonly get?: () => V;
  /**
   * Makes ready what both values need, so that a flip between them is quick; resolves with a function
   * that lets it go.
   */
  readonly keepWarm?: (a: V, b: V) => Promise<() => void | Promise<void>>;
  /** What the number counts: 'threads', 'ms' … */
  readonly unit?: string;
  /** @defaultValue live in both directions */
  readonly moves?: KnobSpec['moves'];
  /** `per-unit`: resources grow with the value, so of two equal settings the smaller is kept. */
  readonly cost?: 'per-unit';
  /** Where other knobs must stand for this one to have an effect; elsewhere it is not tried. @defaultValue anywhere */
  readonly actsUnder?: Settings;
  /** Where the first value comes from, for reports. @defaultValue 'measured({ knobs })' */
  readonly source?: string;
  /** The edit that makes a value permanent. @defaultValue its `value` where measured() is called */
  readonly patch?: (value: V) => Patch;
}

/** What `run` is told of its call. */
export interface RunContext<S extends Settings = Settings> {
  /** What the knobs stand at. */
  readonly settings: S;
  /**
   * The caller's signal, or that of the call's deadline, where there is one. When it fires, the call has
   * ended for its caller, and `run` may stop.
   */
  readonly signal: AbortSignal | undefined;
  /** To be called where the work begins later than `run`: the time before counts as waiting. */
  dispatched(): void;
}

export interface MeasuredOptions<I, O, S extends Settings> extends ExecutorOptions {
  readonly name: string;
  /** By id. @defaultValue none */
  readonly knobs?: { readonly [id in keyof S]: MeasuredKnob<S[id]> };
  /**
   * Runs a call. A SandtuneError that it throws counts as its `outcome` says, any other error as a
   * trap.
   */
  readonly run: (input: I, call: RunContext<S>) => O | Promise<O>;
  /**
   * Workers the calls run on. Called for each call and each window, so it must be cheap. Where it
   * throws or gives no number, 1 worker is counted.
   * @defaultValue none: calls run on this thread
   */
  readonly workers?: () => number;
  /** Called once, when the executor was closed and its last call has ended. */
  readonly close?: () => void | Promise<void>;
}

const optionKeys = ['knobs', 'run', 'workers', 'close'] as const;
const moves = ['live', 'gate', 'swap', 'restart'] as const satisfies readonly Move[];
const knobKeys: readonly (keyof MeasuredKnob)[] = [
  'domain',
  'value',
  'set',
  'get',
  'keepWarm',
  'unit',
  'moves',
  'cost',
  'actsUnder',
  'source',
  'patch',
];

/**
 * Makes a measured executor of a function and of knobs of any name and type, which `run` reads as `context.settings`.
 * A call counts as `trap` where `run` throws, unless the error says its own `outcome`.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function measured<I, O, const S extends Settings = Settings>(
  options: MeasuredOptions<I, O, S>,
): MeasuredExecutor<I, O> {
  const resolved = resolveExecutorOptions('measured()', options, 'measured', optionKeys);
  checkText('name', resolved.name);
  const { run, workers, close, knobs = {} as NonNullable<typeof options.knobs> } = options;
  checkFunction('run', run);
  for (const [name, given] of Object.entries({ workers, close })) if (given !== undefined) checkFunction(name, given);
  if (typeof knobs !== 'object' || knobs === null || !canBeRead(knobs) || Array.isArray(knobs))
    throw expected('knobs', 'an object of knobs by their ids', knobs);
  const entries = Object.entries(knobs as unknown as Readonly<Record<string, MeasuredKnob>>);
  for (const [id, knob] of entries)
    reading(`knobs.${id}`, '{ domain, value, set }', knob, () => {
      checkKnob(id, knob);
      checkActsUnder(id, knob, knobs as unknown as Readonly<Record<string, MeasuredKnob>>);
    });
  const standing: Standing = {
    settings: Object.freeze(Object.fromEntries(entries.map(([id, { value }]) => [id, value]))),
  };
  using reserved = reserveName(resolved);
  const executor = functionExecutor<I, O>({
    ...resolved,
    name: reserved.name,
    queue: { maxQueue: Number.POSITIVE_INFINITY },
    knobs: () => entries.map(([id, knob]) => partsOf(id, knob, standing)),
    runOne: (call) => run(call.input, new Context(call, standing.settings as S)),
    outcomeOf,
    ...(workers && { workers: () => countOf(workers) }),
    ...(close && { close: async () => close() }),
  });
  reserved.heldBy(executor);
  runsWork(executor, workText(run));
  wasMadeAt(executor, callSiteOf(measured));
  return executor;
}

/**
 * What the knobs stand at. `settings` is never changed, only replaced, so a call that runs keeps those
 * it began with.
 */
interface Standing {
  settings: Settings;
}

type BegunCall = Pick<QueuedCall<never, unknown>, 'workSignal' | 'begins'>;

class Context<S extends Settings> implements RunContext<S> {
  readonly settings: S;
  readonly signal: AbortSignal | undefined;
  readonly #call: BegunCall;

  constructor(call: BegunCall, settings: S) {
    this.settings = settings;
    this.signal = call.workSignal;
    this.#call = call;
  }

  dispatched(): void {
    this.#call.begins();
  }
}

function partsOf(id: string, knob: MeasuredKnob, standing: Standing): KnobParts {
  const { domain, value: first, set, get, keepWarm, unit, cost, actsUnder, patch } = knob;
  return {
    spec: executorSpec({
      id,
      domain: Object.freeze('min' in domain ? { ...domain } : [...domain]),
      defaultValue: first,
      source: knob.source ?? 'measured({ knobs })',
      ...(unit !== undefined && { unit }),
      ...(knob.moves && { moves: Object.freeze({ ...knob.moves }) }),
      ...(cost && { cost }),
      ...(actsUnder && { actsUnder: Object.freeze({ ...actsUnder }) }),
    }),
    effective: () => get?.() ?? (valueIn(standing.settings, id) as SettingValue),
    async move(value, inForce) {
      inForce(value);
      const setting = set?.(value);
      if (setting !== undefined) {
        await setting;
        // Another epoch begins, because calls that came in during the move ran under neither value.
        inForce(value);
      }
      standing.settings = Object.freeze({ ...standing.settings, [id]: value });
    },
    ...(keepWarm && {
      warm: async (a, b) => {
        const letGo: unknown = await keepWarm(a, b);
        checkFunction(`what knobs.${id}.keepWarm resolves with`, letGo);
        return letGo as () => void | Promise<void>;
      },
    }),
    option: { of: 'measured()', argument: 'first', path: ['knobs', id, 'value'] },
    ...(patch && { patch }),
  };
}

/** What the user's `workers` gives, and 1 where it throws or gives no number: calls must not fail because of it. */
function countOf(workers: () => number): number {
  try {
    const count = workers();
    return Number.isFinite(count) ? Math.max(0, count) : 1;
  } catch {
    return 1;
  }
}

function outcomeOf(error: unknown): Exclude<Outcome, 'ok'> {
  const outcome = isSandtuneError(error) ? error.outcome : undefined;
  return outcome !== undefined && outcome !== 'ok' && outcomes.includes(outcome) ? outcome : 'trap';
}

function checkKnob(id: string, knob: MeasuredKnob): void {
  if (!isId(id)) throw expected('the id of a knob', idText, id);
  const name = `knobs.${id}`;
  if (typeof knob !== 'object' || knob === null) throw expected(name, '{ domain, value, set }', knob);
  checkKeys(name, knob, knobKeys);
  if (!isDomain(knob.domain))
    throw new SandtuneError('ERR_SANDTUNE_OPTION', domainFault(`${name}.domain`, knob.domain));
  if (!isInDomain(knob.domain, knob.value)) throw expected(`${name}.value`, domainText(knob.domain), knob.value);
  for (const text of ['unit', 'source'] as const)
    if (knob[text] !== undefined) checkText(`${name}.${text}`, knob[text]);
  if (knob.cost !== undefined) checkOneOf(`${name}.cost`, knob.cost, ['per-unit']);
  if (knob.moves !== undefined) {
    for (const way of ['up', 'down'] as const) checkOneOf(`${name}.moves.${way}`, knob.moves?.[way], moves);
  }
  for (const method of ['set', 'get', 'keepWarm', 'patch'] as const) {
    if (knob[method] !== undefined) checkFunction(`${name}.${method}`, knob[method]);
  }
}

function checkActsUnder(id: string, { actsUnder }: MeasuredKnob, knobs: Readonly<Record<string, MeasuredKnob>>): void {
  if (actsUnder === undefined) return;
  const name = `knobs.${id}.actsUnder`;
  if (typeof actsUnder !== 'object' || actsUnder === null) throw expected(name, 'values of other knobs', actsUnder);
  for (const [other, value] of Object.entries(actsUnder)) {
    const knob = other === id || !Object.hasOwn(knobs, other) ? undefined : knobs[other];
    if (!knob) throw expected(name, 'values of other knobs, by their ids', other);
    if (!isInDomain(knob.domain, value)) throw expected(`${name}.${other}`, domainText(knob.domain), value);
  }
}
