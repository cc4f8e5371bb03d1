/** The options all executors have: their defaults and checks. */
import type { Load } from '../contracts.ts';
import { checkBoolean, checkInteger, checkKeys, checkOneOf, checkText, expected } from '../foundation/options.ts';
import { type ResolvedSurroundings, resolveSurroundings, type Surroundings } from '../foundation/surroundings.ts';
import { type SpanOptions, spanDefaults } from '../measure/recorder.ts';
import { idText, isId } from './domain.ts';
import type { WantedName } from './names.ts';
import { type ResolvedTenants, resolveTenants, type TenantOptions } from './tenants.ts';

/** What every executor takes. */
export interface ExecutorOptions {
  /**
   * Names the executor in ledger, lease, spans and reports: 1 to 128 characters, well-formed, without control
   * characters. Two executors of one name are one to all of these.
   * @defaultValue what it runs: the name of the function, of the one guest, or of the pool's file, with its folder
   *   (`pdf/worker`) where the pool of another file is called so; and a number (`worker-2`) where another open
   *   executor of the process runs the same
   */
  readonly name?: string;
  /** Do arrivals wait for completions? @defaultValue inferred from windows and shown */
  readonly load?: Load;
  /** Which calls get a span and stage times. */
  readonly spans?: SpanOptions;
  /**
   * What each tenant that calls name (`run(input, { tenant })`) may have at most, and what they share. Turns are
   * taken in the queue of the executor: where calls wait in another behind it (a wrapped pool without
   * `concurrency`), only the limits hold. @defaultValue no limits, equal shares of time
   */
  readonly tenants?: TenantOptions;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

export interface ResolvedExecutorOptions extends WantedName {
  readonly load: Load | undefined;
  readonly spans: SpanOptions;
  readonly tenants: ResolvedTenants;
  readonly surroundings: ResolvedSurroundings;
}

const keys = ['name', 'load', 'spans', 'tenants', 'surroundings'] as const satisfies readonly (keyof ExecutorOptions)[];

/**
 * @param what name of the function that is called, for the errors
 * @param moreKeys further keys that `options` may have
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function resolveExecutorOptions(
  what: string,
  options: ExecutorOptions,
  defaultName: string,
  moreKeys: readonly string[],
): ResolvedExecutorOptions {
  checkKeys(what, options, [...keys, ...moreKeys]);
  const { name, load } = options;
  if (name !== undefined && !isId(checkText('name', name))) throw expected('name', idText, name);
  return {
    name,
    defaultName,
    load: load === undefined ? undefined : checkOneOf<Load>('load', load, ['open', 'closed']),
    spans: resolveSpans(options.spans),
    tenants: resolveTenants(options.tenants),
    surroundings: resolveSurroundings(options.surroundings),
  };
}

function resolveSpans(given: SpanOptions = {}): Required<SpanOptions> {
  if (typeof given !== 'object' || given === null) throw expected('spans', '{ enabled, sampleEvery }', given);
  checkKeys('spans', given, ['enabled', 'sampleEvery']);
  if (given.enabled === false && given.sampleEvery !== undefined)
    throw expected(
      'spans.sampleEvery',
      'nothing beside enabled: false, under which no call is sampled',
      given.sampleEvery,
    );
  return {
    enabled: checkBoolean('spans.enabled', given.enabled ?? spanDefaults.enabled),
    sampleEvery: checkInteger('spans.sampleEvery', given.sampleEvery ?? spanDefaults.sampleEvery, { min: 1 }),
  };
}
