/**
 * What an executor gives for a window, checked and copied: counts that can be counts, distributions that
 * hold as many samples as they say. A window that is refused says nothing, which is better than a number
 * that nobody measured.
 *
 * The copy has the fields of the contract and no others, so that whatever else an executor puts into a
 * window reaches neither the ledger nor a decision. Of a single function it keeps only what is decided
 * from, outcomes and latency: the other distributions would double every row of the ledger.
 */
import {
  type CacheUse,
  type Discarded,
  type Distribution,
  type OutcomeCounts,
  outcomes,
  type Window,
} from '../../src/contracts.ts';
import { isSettingValue } from '../../src/executor/domain.ts';
import { nsToMs } from '../../src/foundation/units.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { type FieldsIn, namesIn } from '../../src/measure/fields.ts';
import { FieldReader } from './field-reader.ts';

/**
 * @param given whatever `cut()` gave
 * @throws {WindowRefused} naming the executor and the field
 */
export function checkedWindow(given: unknown, executor: string): Window {
  return windowFrom(new FieldReader(executor, given));
}

/** The counts of what is thrown away before a window. @throws {WindowRefused} */
export function checkedDiscard(given: unknown, executor: string): Discarded {
  const read = new FieldReader(executor, given);
  return { offered: read.count('offered'), outcomes: outcomesFrom(read) };
}

/** @throws {WindowRefused} */
export function checkedSettledCount(open: unknown, executor: string): number {
  return new FieldReader(executor, open).count('settledCount');
}

function windowFrom(read: FieldReader): Window {
  return {
    epoch: read.count('epoch'),
    steady: read.boolean('steady'),
    settings: settingsFrom(read.within('settings')),
    startMs: read.number('startMs'),
    endMs: read.number('endMs'),
    ...fieldsFrom(read, 'window'),
    outcomes: outcomesFrom(read),
    backlogAtStart: read.count('backlogAtStart'),
    backlogAtEnd: read.count('backlogAtEnd'),
    wait: distributionFrom(read, 'wait'),
    service: distributionFrom(read, 'service'),
    latency: distributionFrom(read, 'latency'),
    carried: distributionFrom(read, 'carried'),
    unfinished: distributionFrom(read, 'unfinished'),
    start: distributionFrom(read, 'start'),
    byFunction: functionsFrom(read.within('byFunction')),
    stages: numbersFrom(read.within('stages')),
    stageSamples: read.count('stageSamples'),
    work: { ...fieldsFrom(read.within('work'), 'work'), busyFraction: read.within('work').amount('busyFraction') },
    ...(read.has('cache') && { cache: cacheFrom(read.within('cache')) }),
  };
}

function fieldsFrom<P extends 'window' | 'work'>(read: FieldReader, place: P): FieldsIn<P> {
  const there = namesIn(place).filter(({ name, optional }) => !optional || read.has(name));
  // Calls are counted; of the other amounts some are estimated.
  const entries = there.map(({ name }) => [name, name === 'offered' ? read.count(name) : read.amount(name)]);
  return Object.fromEntries(entries) as FieldsIn<P>;
}

function outcomesFrom(read: FieldReader): OutcomeCounts {
  const counts = read.within('outcomes');
  return Object.fromEntries(outcomes.map((outcome) => [outcome, counts.count(outcome)])) as OutcomeCounts;
}

function settingsFrom(read: FieldReader): Window['settings'] {
  return Object.fromEntries(
    read.keys().map((id) => {
      const value = read.get(id);
      if (isSettingValue(value)) return [id, value];
      throw read.refusal(id, 'a finite number, a short text, or true or false', value);
    }),
  );
}

function functionsFrom(read: FieldReader): Window['byFunction'] {
  return Object.fromEntries(
    read.keys().map((name) => {
      const one = read.within(name);
      const none = { wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution };
      return [name, { outcomes: outcomesFrom(one), latency: distributionFrom(one, 'latency'), ...none }];
    }),
  );
}

function numbersFrom(read: FieldReader): Readonly<Record<string, number>> {
  return Object.fromEntries(read.keys().map((name) => [name, read.number(name)]));
}

/** Of as many samples as it says, each in a bucket of its own, all of them between the extremes. */
function distributionFrom(parent: FieldReader, name: string): Distribution {
  const read = parent.within(name);
  const count = read.count('count');
  if (count === 0) return emptyDistribution;
  const boundsNs = read.list(
    'boundsNs',
    'ascending numbers of at least 0',
    (bound, i, all) => Number.isFinite(bound) && bound >= 0 && (i === 0 || bound > (all[i - 1] as number)),
  );
  const counts = read.list('counts', 'whole numbers above 0', (one) => Number.isSafeInteger(one) && one > 0);
  if (counts.length !== boundsNs.length) throw read.refusal('counts', `${boundsNs.length} counts`, counts.length);
  const total = counts.reduce((sum, one) => sum + one, 0);
  if (total !== count) throw read.refusal('count', `${total}, the sum of its counts`, count);
  const [minMs, maxMs, sumMs] = [read.amount('minMs'), read.amount('maxMs'), read.amount('sumMs')];
  // Whoever reads the buckets must not find less than the exact maximum says.
  const highestMs = nsToMs(boundsNs.at(-1) as number);
  if (maxMs > 1.01 * highestMs + 0.001) throw read.refusal('maxMs', `in its last bucket (${highestMs} ms)`, maxMs);
  if (minMs > maxMs) throw read.refusal('maxMs', `at least minMs (${minMs})`, maxMs);
  // A sum of floats is a little beside the truth.
  const margin = 1e-6 * sumMs + Number.EPSILON;
  if (sumMs < count * minMs - margin || sumMs > count * maxMs + margin)
    throw read.refusal('sumMs', `from count × minMs to count × maxMs (${count * minMs} to ${count * maxMs})`, sumMs);
  return { count, sumMs, minMs, maxMs, boundsNs, counts };
}

function cacheFrom(read: FieldReader): CacheUse {
  return {
    hits: read.amount('hits'),
    misses: read.amount('misses'),
    rankCounts: read.list('rankCounts', 'finite numbers of at least 0', (one) => Number.isFinite(one) && one >= 0),
    coldCount: read.amount('coldCount'),
    missMs: read.amount('missMs'),
  };
}
