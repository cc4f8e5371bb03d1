/** What `npm run bench` was asked to do, checked before anything is measured. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkOneOf, checkText, expected } from '../src/foundation/options.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import type { SuiteLength } from './suite.ts';

/** Suite → its groups. */
export type Catalogue = Readonly<Record<string, readonly string[]>>;

export type Command =
  | { readonly kind: 'list' }
  | {
      readonly kind: 'run';
      readonly suite: string;
      /** null: all of the suite. */
      readonly group: string | null;
      readonly length: SuiteLength;
      readonly seed: number;
      /** null: as many as the length says. */
      readonly seeds: number | null;
      readonly json: string | null;
      /** A page of the result, or with the ending .md the worlds that were lost. */
      readonly report: string | null;
      readonly judge: boolean;
      /** A commit, tag or branch; null: ours is compared with its peers only. */
      readonly against: string | null;
      /** A name or a file; null: those of the suite. */
      readonly world: string | null;
    };

/** The group that runs in one world. */
const ofWorlds = { suite: 'tuner', group: 'runs' } as const;

/**
 * @param args what follows `npm run bench --`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION naming what was expected and what came
 */
export function parseCommand(args: readonly string[], catalogue: Catalogue): Command {
  const { values, positionals } = readArguments(args, {
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    judge: { type: 'boolean' },
    against: { type: 'string' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    world: { type: 'string' },
    json: { type: 'string' },
    report: { type: 'string' },
  });
  const [name = 'list', ...more] = positionals;
  if (more.length > 0) throw expected('suite', 'one suite or one of its groups', positionals.join(' '));
  if (name === 'list') return { kind: 'list' };
  const [suite = '', group = null, ...rest] = name.split('.');
  checkOneOf('suite', suite, ['list', ...Object.keys(catalogue)]);
  if (group !== null) checkOneOf(`group of ${suite}`, [group, ...rest].join('.'), catalogue[suite] ?? []);
  if (values.quick && values.long) throw expected('length', '--quick or --long', '--quick --long');
  if (values.quick && values.judge)
    throw expected('--judge', 'a full or --long run, for the targets of a quick one are a hint', '--quick');
  const world = values.world === undefined ? null : checkText('--world', values.world);
  if (world !== null && (suite !== ofWorlds.suite || (group ?? ofWorlds.group) !== ofWorlds.group))
    throw expected(
      '--world',
      `it beside ${ofWorlds.suite} or ${ofWorlds.suite}.${ofWorlds.group}, which run in it`,
      name,
    );
  if (values.report !== undefined && suite !== ofWorlds.suite)
    throw expected('--report', `it beside ${ofWorlds.suite}, whose runs it shows`, name);
  return {
    kind: 'run',
    suite,
    group: world === null ? group : ofWorlds.group,
    world,
    length: values.quick ? 'quick' : values.long ? 'long' : 'full',
    seed: wholeNumber('--seed', values.seed, 0) ?? 1,
    seeds: wholeNumber('--seeds', values.seeds, 1) ?? null,
    json: values.json === undefined ? null : fileIn('--json', values.json),
    report: values.report === undefined ? null : fileIn('--report', values.report),
    judge: values.judge ?? false,
    against: values.against === undefined ? null : checkText('--against', values.against),
  };
}

/** A run of ten minutes must not end with a file that cannot be written. */
function fileIn(name: string, path: string): string {
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (path === '' || !folder?.isDirectory()) throw expected(name, 'a file in a folder that exists', path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw expected(name, 'a file', path);
  return path;
}
