/**
 * Whether an entry can be read at all: what came out of a damaged row may be anything. An entry that
 * lacks what the history and its views look into is left out, as a row that cannot be parsed is.
 */
import { triggers } from '../entries/triggers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Of each kind the fields that must be there, by dotted paths: objects, lists, and what ends in '!' a trigger. */
const needed = asPaths({
  session: ['anchor', 'goal.objective', 'goal.guardrails', 'options', 'knobs', 'environment', 'recalled'],
  'event:measured': ['window.settings', 'window.outcomes', 'window.latency', 'window.byFunction', 'window.stages'],
  'event:anchor': ['settings'],
  'record:baseline': ['settings', 'metric'],
  'record:noise': ['effect', 'fullTrial'],
  'record:recommendation': ['settings'],
  'record:probe': ['settings'],
  'record:sealed': ['from', 'settings'],
  'record:trial': ['baseline', 'candidate', 'design.goal.guardrails', 'unjudged'],
  'record:pair': ['pair.effect', 'waitsFor'],
  'record:verdict': ['result.effect', 'result.metric', 'result.guardrails', 'result.checks', 'result.trigger!'],
  'record:ask': ['settings'],
  'record:decision': ['settings', 'trigger!'],
  'record:score': ['predicted', 'measured'],
  'record:anchor': ['settings'],
  'record:back-off': ['settings'],
  'record:follow': ['settings', 'unjudged'],
  'remark:patch': ['settings', 'patches'],
  'remark:overhead': ['fraction'],
  'remark:sweep': ['points'],
  'remark:accounting': ['outcomes'],
});

/** True for a value that has the shape of an entry. */
export function isReadable(entry: unknown): boolean {
  if (!isObject(entry) || typeof entry['session'] !== 'number') return false;
  if (entry['kind'] === 'session') return hasAll(entry, 'session');
  const kind = String(entry['kind']);
  const body = entry[kind];
  return isObject(body) && typeof body['kind'] === 'string' && hasAll(body, `${kind}:${body['kind']}`);
}

interface Path {
  readonly names: readonly string[];
  readonly isTrigger: boolean;
}

function asPaths(table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, readonly Path[]> {
  const pathOf = (text: string): Path => ({ names: text.replace('!', '').split('.'), isTrigger: text.endsWith('!') });
  return new Map(Object.entries(table).map(([kind, texts]) => [kind, texts.map(pathOf)]));
}

function hasAll(fields: Fields, kind: string): boolean {
  return (needed.get(kind) ?? []).every(({ names, isTrigger }) => {
    const value = names.reduce<unknown>(fieldOf, fields);
    return isTrigger ? Object.hasOwn(triggers, String(value)) : isObject(value);
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
