/**
 * Parses the goal that a user writes: `maximize: 'goodput'`, `subjectTo: ['p99 < 50ms', 'errors within 0.1pp']`.
 */
import type { Goal, GuardedMetric, Guardrail, Objective } from '../src/contracts.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import { usableMemory } from '../src/foundation/memory.ts';
import { canBeRead, checkNumber, checkObject, quoted } from '../src/foundation/options.ts';
import { bytesText, durationText } from '../src/foundation/units.ts';

export interface GoalWords {
  /** 'goodput' needs `sloMs`. @defaultValue 'goodput' when `sloMs` is given, else 'throughput' */
  readonly maximize?: 'goodput' | 'throughput';
  /** In place of `maximize`. 'mean': mean latency from the intended start. 'cpu': CPU ms a call. */
  readonly minimize?: 'mean' | 'cpu';
  /** An ok call counts as goodput when its latency is at most this. Milliseconds. Refused beside another metric. */
  readonly sloMs?: number;
  /**
   * Guardrails. Absolute: `'p99 < 50ms'`, `'errors < 0.1%'`, `'rss < 1.5GB'`, `'rss < 70%'` of the memory that the
   * process may use. Relative to the anchor: `'p99 within 10%'`, `'errors within 0.1pp'`. Metrics: mean, cpu, errors,
   * p50, p99, p99.9 …, and rss (memory that the process holds, in B, KB, MB, GB, KiB, MiB or GiB), which has limits only.
   * @defaultValue ['errors within 0.1pp', 'p50 within 2%', 'p99 within 10%']
   */
  readonly subjectTo?: readonly string[];
}

/**
 * The goal that the words of `tune()` describe: an objective, and guardrails in the order given.
 * @throws {SandtuneError} ERR_SANDTUNE_GOAL with the sentence that was not understood
 */
export function parseGoal(words: GoalWords): Goal {
  checkObject('goal', words);
  const { subjectTo } = words;
  if (subjectTo === undefined)
    return { objective: parseObjective(words), guardrails: guardrailLadders.flatMap(([wished]) => wished ?? []) };
  if (!canBeRead(subjectTo) || !Array.isArray(subjectTo))
    throw new SandtuneError('ERR_SANDTUNE_GOAL', `subjectTo: expected a list of sentences, got ${quoted(subjectTo)}`);
  return { objective: parseObjective(words), guardrails: subjectTo.map(parseGuardrail) };
}

function parseObjective({ maximize, minimize, sloMs }: GoalWords): Objective {
  if (sloMs !== undefined) checkNumber('sloMs', sloMs, { min: 0.001 });
  if (maximize !== undefined && minimize !== undefined) {
    throw new SandtuneError(
      'ERR_SANDTUNE_GOAL',
      `goal: expected maximize or minimize, got both (${quoted(maximize)}, ${quoted(minimize)})`,
    );
  }
  const other = minimize ?? (maximize === 'throughput' ? maximize : undefined);
  if (sloMs !== undefined && other !== undefined) {
    throw new SandtuneError(
      'ERR_SANDTUNE_GOAL',
      `sloMs: expected with maximize: 'goodput', whose calls it judges, got ${quoted(sloMs)} beside ${quoted(other)}; a limit of latency is a guardrail: subjectTo: ['p99 < ${sloMs}ms']`,
    );
  }
  if (minimize === 'mean' || minimize === 'cpu') return { metric: minimize, direction: 'minimize' };
  if (minimize !== undefined)
    throw new SandtuneError('ERR_SANDTUNE_GOAL', `minimize: expected 'mean' or 'cpu', got ${quoted(minimize)}`);
  const metric = maximize ?? (sloMs === undefined ? 'throughput' : 'goodput');
  if (metric === 'throughput') return { metric, direction: 'maximize' };
  if (metric !== 'goodput')
    throw new SandtuneError('ERR_SANDTUNE_GOAL', `maximize: expected 'goodput' or 'throughput', got ${quoted(metric)}`);
  if (sloMs === undefined)
    throw new SandtuneError(
      'ERR_SANDTUNE_GOAL',
      "goal: expected sloMs beside maximize: 'goodput', the latency in ms up to which an ok call counts, got none; where every ok call counts, maximize 'throughput'",
    );
  return { metric, direction: 'maximize', sloMs };
}

const sentence =
  /^\s*(mean|cpu|errors|rss|p\d{1,2}(?:\.\d+)?)\s*(<|within)\s*([\d.]+)\s*(ms|s|us|µs|%|pp|[KMG]i?B|B|)\s*$/;

/** A limit of memory in per cent is a share of what the process may use now. @throws {SandtuneError} ERR_SANDTUNE_GOAL */
export function parseGuardrail(text: string): Guardrail {
  const match = typeof text === 'string' ? sentence.exec(text) : null;
  const amount = Number(match?.[3]);
  if (!match || !Number.isFinite(amount) || amount <= 0) throw notUnderstood(text);
  const metric = match[1] as GuardedMetric;
  const unit = match[4] ?? '';
  const canonical = text.trim().replace(/\s+/g, ' ');
  if (match[2] === '<') {
    const limit = limitOf(metric, amount, unit);
    if (limit === undefined || !Number.isFinite(limit)) throw notUnderstood(text);
    return { kind: 'absolute', metric, limit, text: canonical };
  }
  // All of the process holds its memory, whichever arm asked for it: of two arms in turns neither has an rss of its own.
  if (metric === 'rss')
    throw new SandtuneError(
      'ERR_SANDTUNE_GOAL',
      `subjectTo: expected a limit of rss, like 'rss < 1.5GB' or 'rss < 70%', got ${quoted(text)}: a setting on trial and the one before it share the memory of the process, so that no change of it can be told`,
    );
  const wanted = metric === 'errors' ? 'pp' : '%';
  if (unit !== wanted) throw notUnderstood(text);
  return { kind: 'relative', metric, margin: amount / 100, text: canonical };
}

function limitOf(metric: GuardedMetric, amount: number, unit: string): number | undefined {
  if (metric === 'errors') return fractionOf(amount, unit);
  return metric === 'rss' ? bytesOf(amount, unit) : millisecondsOf(amount, unit);
}

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

function bytesOf(amount: number, unit: string): number | undefined {
  if (unit === '%') return amount <= 100 ? (amount / 100) * usableMemory().bytes : undefined;
  const factor = unitBytes[unit];
  return factor === undefined ? undefined : amount * factor;
}

function fractionOf(amount: number, unit: string): number | undefined {
  if (unit === '%') return amount / 100;
  return unit === '' && amount < 1 ? amount : undefined;
}

function millisecondsOf(amount: number, unit: string): number | undefined {
  const factor = { ms: 1, s: 1000, us: 1e-3, µs: 1e-3 }[unit];
  return factor === undefined ? undefined : amount * factor;
}

function notUnderstood(text: string): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_GOAL',
    `subjectTo: expected a sentence like 'p99 < 50ms', 'errors < 0.1%', 'rss < 1.5GB', 'p99 within 10%' or 'errors within 0.1pp', got ${quoted(text)}`,
  );
}

/** '62.0 ms', and '1.4 GiB' of rss. Of errors, which are fractions, everybody has words of their own. */
export function amountText(metric: Exclude<GuardedMetric, 'errors'>, value: number): string {
  return metric === 'rss' ? bytesText(value) : durationText(value);
}

/**
 * The default guardrails, each with what may stand in for it, the tightest first. A trial has the tightest of each that
 * its calls can judge in time.
 */
export const guardrailLadders: readonly (readonly Guardrail[])[] = [
  ['errors within 0.1pp', 'errors within 0.5pp', 'errors within 1pp'],
  ['p50 within 2%', 'p50 within 5%', 'p50 within 10%'],
  ['p99 within 10%', 'p95 within 10%', 'p90 within 10%'],
].map((ladder) => ladder.map((text) => defaultGuardrail(text, ladder[0])));

export const defaultGuardrails: readonly string[] = Object.freeze(
  guardrailLadders.flatMap(([wished]) => wished?.text ?? []),
);

/** @param insteadOf the sentence of the default in whose place it stands */
function defaultGuardrail(text: string, insteadOf = text): Guardrail {
  const guardrail = parseGuardrail(text);
  if (guardrail.kind !== 'relative') return guardrail;
  return { ...guardrail, isDefault: true, ...(insteadOf !== text && { insteadOf }) };
}
