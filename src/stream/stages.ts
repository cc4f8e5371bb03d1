/**
 * What a processor is made of: one stage, or several behind each other. A stage is what a record is called with
 * next, how many records a call has, and how many calls there are at once.
 *
 *   createStreamProcessor(executor, options)                          one stage
 *   pipeline([parse, { executor: pool, maxConcurrency: 8 }], options) several; what a stage does not say, options do
 */
import { workDigest } from '../executor/work-text.ts';
import {
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkText,
  expected,
  reading,
} from '../foundation/options.ts';
import { type GuestFunction, sandboxOf } from '../sandbox/sandbox.ts';
import { type CallRecords, callRecords, defaultConcurrency, type StreamExecutor } from './call-records.ts';
import type { ResolvedStreamOptions, Takes } from './options.ts';

/** A stage, with what it has of its own. */
export interface PipelineStage {
  /** What runs it: a sandbox, an executor of its own, or a function of a guest (`sandbox.function('parse')`). */
  readonly executor: StreamExecutor | GuestFunction;
  /** Name of the guest's function, where `executor` is a sandbox. */
  readonly function?: string;
  /** What metrics call it; no two stages have one name. @defaultValue the name of its function, or of its executor */
  readonly name?: string;
  /** @defaultValue that of the options */
  readonly takes?: Takes;
  /** Its calls in flight, 1 to 65,536. @defaultValue that of the options, else twice its threads or its concurrency */
  readonly maxConcurrency?: number;
  /** @defaultValue that of the options */
  readonly batchRecords?: number;
  /** @defaultValue that of the options */
  readonly batchBytes?: number;
  /** @defaultValue that of the options */
  readonly lingerMs?: number;
}

export interface ResolvedStage {
  readonly name: string;
  /** Of what it runs; null where that is not known. */
  readonly digest: string | null;
  readonly call: CallRecords;
  readonly takes: Takes;
  readonly batchRecords: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** Its calls at once; asked when a run begins, since an executor may have got more threads. */
  readonly lanes: () => number;
}

const keys = ['executor', 'function', 'name', 'takes', 'maxConcurrency', 'batchRecords', 'batchBytes', 'lingerMs'];
const asked = "a list of guests' functions, executors, or { executor, function, takes, … }";
const mostStages = 64;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_EXPORT_MISSING where a sandbox has no such function */
export function resolveStage(given: unknown, options: ResolvedStreamOptions, where = ''): ResolvedStage {
  return reading(where.slice(0, -1) || 'executor', asked, given, () =>
    readStage(asStage(given, where), options, where),
  );
}

function readStage(stage: PipelineStage, options: ResolvedStreamOptions, where: string): ResolvedStage {
  const takes = checkOneOf<Takes>(`${where}takes`, stage.takes ?? options.takes, ['record', 'batch', 'shared']);
  for (const name of ['batchRecords', 'batchBytes'] as const)
    if (takes === 'record' && stage[name] !== undefined)
      throw expected(`${where}${name}`, "nothing beside takes: 'record', under which no batch is made", stage[name]);
  const { executor, function: functionName } = stage;
  const lanes = stage.maxConcurrency ?? options.maxConcurrency;
  if (lanes !== undefined) checkInteger(`${where}maxConcurrency`, lanes, { min: 1, max: 65_536 });
  const width = isGuestFunction(executor) ? sandboxOf(executor) : executor;
  return {
    digest: width ? workDigest(width) : null,
    call: callRecords(executor, functionName, takes, options.bufferBytes),
    name: stage.name === undefined ? nameOf(executor, functionName) : checkText(`${where}name`, stage.name),
    takes,
    batchRecords: checkInteger(`${where}batchRecords`, stage.batchRecords ?? options.batchRecords, {
      min: 1,
      max: 65_536,
    }),
    batchBytes: checkInteger(`${where}batchBytes`, stage.batchBytes ?? options.batchBytes, { min: 1, max: 2 ** 30 }),
    lingerMs: checkNumber(`${where}lingerMs`, stage.lingerMs ?? options.lingerMs, { min: 0, max: 60_000 }),
    lanes: () => lanes ?? (width ? defaultConcurrency(width) : 2),
  };
}

/** @throws as `resolveStage`; ERR_SANDTUNE_OPTION where it is no list of 1 to 64 stages */
export function resolveStages(given: unknown, options: ResolvedStreamOptions): readonly ResolvedStage[] {
  const list = reading('stages', asked, given, () => (Array.isArray(given) ? [...given] : []));
  if (list.length === 0 || list.length > mostStages) throw expected('stages', `${asked}, 1 to ${mostStages}`, given);
  const stages = list.map((one, index) => resolveStage(one, options, `stages[${index}].`));
  const names = new Map<string, number>();
  return stages.map((stage, index) => {
    const before = names.get(stage.name) ?? 0;
    names.set(stage.name, before + 1);
    if (before === 0) return stage;
    // One function may be two stages; two that somebody named alike are a mistake.
    const { executor, name } = list[index] as Partial<PipelineStage>;
    if (executor !== undefined && name !== undefined)
      throw expected(`stages[${index}].name`, 'a name that no other stage has', name);
    return { ...stage, name: `${stage.name}-${before + 1}` };
  });
}

function asStage(given: unknown, where: string): PipelineStage {
  if (typeof given === 'object' && given !== null && 'executor' in given) {
    checkKeys(where.slice(0, -1), given, keys);
    return { ...given } as PipelineStage;
  }
  return { executor: given as PipelineStage['executor'] };
}

function isGuestFunction(executor: unknown): executor is GuestFunction {
  return typeof executor === 'function' && sandboxOf(executor) !== undefined;
}

function nameOf(executor: StreamExecutor | GuestFunction, functionName: string | undefined): string {
  if (isGuestFunction(executor)) return executor.functionName;
  return functionName ?? executor.name;
}
