/** What each tenant of an executor may have at most, and by what their turns are shared. */
import { SandtuneError } from '../foundation/errors.ts';
import { checkInteger, checkKeys, checkOneOf, expected, quoted } from '../foundation/options.ts';

/** Bounds of each tenant. */
export interface TenantOptions {
  /**
   * Dispatches of one tenant that may be out at once: calls, or batches where calls travel in batches; a
   * further one waits. What a cancelled call has left running counts. Integer ≥ 1. @defaultValue Infinity
   */
  readonly maxRunning?: number;
  /** Calls of one tenant that may wait; one more is shed. Integer ≥ 0. @defaultValue Infinity */
  readonly maxQueue?: number;
  /**
   * Bytes of texts and binary arguments of the calls of one tenant that wait; a call that would make it more
   * is shed. Integer ≥ 0. @defaultValue Infinity
   */
  readonly maxQueueBytes?: number;
  /**
   * What tenants have equal shares of while their calls wait: of the time that calls take, by what those
   * of the tenant have taken lately, or of the number of calls. @defaultValue 'time'
   */
  readonly cost?: 'time' | 'calls';
}

export type ResolvedTenants = Required<TenantOptions>;

export const tenantDefaults: ResolvedTenants = Object.freeze({
  maxRunning: Number.POSITIVE_INFINITY,
  maxQueue: Number.POSITIVE_INFINITY,
  maxQueueBytes: Number.POSITIVE_INFINITY,
  cost: 'time',
});

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveTenants(given: TenantOptions = {}): ResolvedTenants {
  if (typeof given !== 'object' || given === null) throw expected('tenants', 'an object of limits', given);
  checkKeys('tenants', given, Object.keys(tenantDefaults));
  const most = (name: 'maxRunning' | 'maxQueue' | 'maxQueueBytes', min: number) => {
    const value = given[name] ?? Number.POSITIVE_INFINITY;
    return value === Number.POSITIVE_INFINITY ? value : checkInteger(`tenants.${name}`, value, { min });
  };
  return Object.freeze({
    maxRunning: most('maxRunning', 1),
    maxQueue: most('maxQueue', 0),
    maxQueueBytes: most('maxQueueBytes', 0),
    cost: checkOneOf('tenants.cost', given.cost ?? tenantDefaults.cost, ['time', 'calls'] as const),
  });
}

/** One more call of the tenant would be more than it may have waiting. */
export function tenantError(
  what: string,
  tenant: string,
  limit: 'maxQueue' | 'maxQueueBytes',
  most: number,
): SandtuneError {
  const counted = limit === 'maxQueue' ? 'waiting calls' : 'bytes of waiting calls';
  const message = `${what}: expected at most ${most} ${counted} of tenant ${quoted(tenant)} (tenants.${limit}), got more`;
  return new SandtuneError('ERR_SANDTUNE_TENANT_LIMIT', message, { outcome: 'shed', stage: 'admit' });
}
