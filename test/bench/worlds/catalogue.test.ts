/** The catalogue of worlds: what is in it, what its laws owe to the tuner's models, and that it does what it says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue, makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import type { CatalogueWorld } from '../../../bench/worlds/catalogue/entry.ts';
import { laws } from '../../../bench/worlds/catalogue/law-names.ts';
import { measure } from '../../../bench/worlds/measure.ts';
import type { Settings } from '../../../src/contracts.ts';
import { isInDomain } from '../../../src/executor/domain.ts';
import { effectiveSettings } from '../../../tuner/shell/apply.ts';
import { refusalOf } from '../../support/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-catalogue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('worlds keep their names, and each kind has its own', () => {
  const names = Map.groupBy(catalogue, ({ kind }) => kind);
  expect(Object.fromEntries([...names].map(([kind, of]) => [kind, of.map(({ name }) => name).join(' ')]))).toEqual({
    pool: 'pool-cpu-bound pool-waiting pool-mixed pool-memory pool-transport pool-overlapping pool-overlapping-untold',
    batching:
      'batching-closed batching-asked batching-alone batching-poisson batching-overloaded batching-late batching-bursty',
    cache: 'cache-zipf cache-loop cache-scan cache-phases cache-random-replacement',
    space: 'joint-3 joint-5 joint-8 slo-cliff plateau only-under-another',
    null: 'null-static null-drifting null-diurnal null-bursty null-gc null-leak null-transition',
    shift: 'shift-step shift-ramp shift-flip shift-hourly shift-at-cadence shift-load shift-cpus',
    harm:
      'harm-rare-8 harm-rare-10 harm-rare-20 harm-late harm-later harm-slow-5s harm-slow-20s harm-slow-120s ' +
      'harm-hidden-by-load harm-hidden-by-connections',
    'slow service': 'slow-5 slow-20 slow-60 slow-100 slow-200',
    'unknown knob': 'unknown-number unknown-switch unknown-choice unknown-several',
    misfit: 'misfit-tiles misfit-two-humps misfit-batches misfit-busy refilling knob-lies knob-falls-short outages',
  });
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
});

describe('laws', () => {
  const models = new URL('../../../tuner/predict/', import.meta.url);
  const texts = readdirSync(models, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(new URL(file, models), 'utf8')] as const);

  it.each(Object.entries(laws))('the law %s is written in no file of the models but where it says', (_, law) => {
    const found = texts.filter(([, text]) => law.words.test(text)).map(([file]) => file);
    if (law.predictedBy === null) expect(found).toEqual([]);
    else expect(found).toContain(law.predictedBy);
  });

  it('at least half of the worlds in which a setting has an effect follow a law that no model of the tuner uses', () => {
    const effective = catalogue.filter(({ law }) => law !== 'flat');
    const foreign = effective.filter(({ law }) => laws[law].predictedBy === null);
    expect(foreign.length).toBeGreaterThanOrEqual(effective.length / 2);
    expect(foreign.length).toBeLessThan(effective.length);
    // Nor by a crowd of worlds that are written down value by value.
    const computed = effective.filter(({ law }) => law !== 'table');
    expect(computed.filter(({ law }) => laws[law].predictedBy === null).length).toBeGreaterThanOrEqual(
      computed.length / 2,
    );
  });
});

/** Noise moves their rate in ways that even out over hours only; a burst that cannot be served is served later. */
const restless = ['null-drifting', 'null-bursty', 'null-gc', 'batching-bursty'];
/** So few slots are struck, or so few calls come, that it takes longer to see their share. */
const kept = new Set(['harm-rare-8', 'harm-rare-10', 'harm-rare-20', 'outages', 'slow-5']);

/** The first knob elsewhere. */
function elsewhere(one: CatalogueWorld): Settings {
  const { executor } = makeWorld(one, 2);
  const [knob] = executor.knobs;
  if (!knob) throw new Error('no knob');
  const { id, domain, defaultValue } = knob;
  const next = 'min' in domain ? 2 * Number(defaultValue) : (domain.find((value) => value !== defaultValue) ?? false);
  expect(isInDomain(domain, next)).toBe(true);
  const { takes, lies } = one.spec(2).knobs.find((spec) => spec.id === id) ?? {};
  return { ...effectiveSettings(executor.knobs), [id]: takes && !lies ? takes(next) : next };
}

it.each(catalogue.filter(({ name }) => !restless.includes(name)).map((one) => [one.name, one] as const))(
  'the world %s does what its truth says, at two settings',
  async (name, one) => {
    const usual = effectiveSettings(makeWorld(one, 2).executor.knobs);
    for (const settings of [usual, elsewhere(one)]) {
      const world = makeWorld(one, 2);
      const { builds, law } = one.spec(2);
      // What is late has come by then, and what builds up is built up.
      const discardMs = Math.max(5000, 8 * (builds?.timeMs ?? 0), name === 'harm-late' ? 61_000 : 0);
      const [forMs, everyMs] = [kept.has(name) ? 600_000 : 60_000, 275];
      const window = await measure(world, settings, { discardMs, forMs });
      const moments = Array.from({ length: Math.floor(forMs / everyMs) }, (_, i) => discardMs + everyMs * (i + 0.5));
      const truths = moments.map((atMs) => world.truth(settings, atMs).rate);
      const mean = truths.reduce((sum, rate) => sum + rate, 0) / truths.length;
      const { wantedFraction = 1 } = law(settings, discardMs, { built: 1, stayedMs: Infinity });
      const calls = window.outcomes.ok;
      const off = (wantedFraction * calls) / (forMs / 1000) / mean - 1;
      expect(Math.abs(off)).toBeLessThan(0.02 + 3 / Math.sqrt(calls));
      expect(world.truth(settings, 0).rate).toBe(makeWorld(one, 2).truth(settings, 0).rate);
    }
  },
);

describe('harm', () => {
  it.each(catalogue.filter(({ kind }) => kind === 'harm').map((one) => [one.name, one] as const))(
    'the candidate of %s is worse in truth',
    (_, one) => {
      const { truth } = makeWorld(one, 1);
      const [before, after] = [truth({ concurrency: 8 }, 1e6), truth({ concurrency: 16 }, 1e6)];
      expect(after.rate < 0.99 * before.rate || after.p99Ms > 1.1 * before.p99Ms).toBe(true);
    },
  );

  it.each(['harm-rare-8', 'harm-late', 'harm-slow-20s', 'harm-hidden-by-load'])(
    'the candidate of %s looks better in most windows of a trial',
    async (name) => {
      const world = makeWorld(worldNamed(name), 3);
      let better = 0;
      for (let pair = 0; pair < 30; pair++) {
        const [before, after] = [
          await measure(world, { concurrency: 8 }, { forMs: 500 }),
          await measure(world, { concurrency: 16 }, { forMs: 500 }),
        ];
        better += Number(after.outcomes.ok > before.outcomes.ok);
      }
      expect(better).toBeGreaterThanOrEqual(20);
    },
  );
});

describe('a trace', () => {
  it('a trace of keys becomes a world of a cache, with a cliff where its loop fits', () => {
    const file = join(folder, 'loop.txt');
    writeFileSync(file, `${Array.from({ length: 4000 }, (_, i) => `key ${i % 100}`).join('\n')}\n\n`);
    const { truth } = makeWorld(worldNamed(`cache-trace:${file}`), 1);
    const [below, above] = [truth({ cacheEntries: 99 }, 0).rate, truth({ cacheEntries: 100 }, 0).rate];
    expect(above / below).toBeGreaterThan(5);
    expect(below).toBeCloseTo(truth({ cacheEntries: 8 }, 0).rate, 5);
  });

  it.each([
    ['cache-trace:/no/such/file', /^ERR_SANDTUNE_INPUT trace \/no\/such\/file: expected a file that can be read/],
    ['cache-zip', /^ERR_SANDTUNE_OPTION world: expected one of .*'cache-zipf'/],
  ])('%s names no world', (name, refused) => {
    expect(refusalOf(() => worldNamed(name))).toMatch(refused);
  });

  it('a trace without keys is refused', () => {
    const file = join(folder, 'empty.txt');
    writeFileSync(file, '\n\n');
    expect(refusalOf(() => worldNamed(`cache-trace:${file}`))).toMatch(/expected one key a line, got none$/);
  });
});
