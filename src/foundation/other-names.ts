/**
 * What an option is called elsewhere: in other libraries, in a neighbouring option list of this package, or in
 * the words of whoever guesses. A name is suggested only where there is an option of that name.
 *
 *   'timeoutMs' ── one of the other names ──▶ 'deadlineMs', 'withinMs' … ── the first that is known ──▶ the option
 */
import { meantText, nearest } from './nearest.ts';

/** Other names → the options they may stand for, the likeliest first. Upper case, '-' and '_' make no difference. */
const rows: readonly (readonly [others: string, options: readonly string[]])[] = [
  ['guardrail guardrails constraint constraints limits slos requirements budget', ['subjectTo']],
  ['objective goal target optimize optimise optimizefor metric direction', ['maximize', 'objective']],
  ['slo slomillis slomilliseconds latencyslo slop99 targetms targetlatencyms latencyms latencytargetms', ['sloMs']],
  ['rollbackat rollback revertbelow regressionthreshold maxregression tolerance', ['revertAt']],
  ['pin pinned freeze frozen lock locked exclude ignore', ['fixed']],
  ['dryrun level autoapply automatic enabled', ['mode']],
  ['dir directory folder path statepath ledgerdir db dbpath', ['stateDir']],
  ['randomseed rng', ['seed']],
  ['url uri host address exporterurl collector collectorurl otlpendpoint', ['endpoint']],
  ['service app appname', ['serviceName', 'name']],
  ['header metadata auth', ['headers']],
  ['argv arguments', ['args']],
  ['environment variables', ['env']],
  ['interval intervalms flushinterval flushintervalms exportintervalmillis', ['scheduledDelayMs']],
  [
    'timeout timeoutms timeoutmillis timeoutseconds deadline timelimit timelimitms maxtime maxtimems exporttimeoutmillis',
    ['deadlineMs', 'withinMs', 'maxDurationMs'],
  ],
  ['deadlinems grace gracems graceperiodms force', ['withinMs']],
  ['inittimeout inittimeoutms startuptimeout startuptimeoutms starttimeoutms coldstartms', ['startDeadlineMs']],
  ['queuetimeout queuetimeoutms waitms maxwait acquiretimeoutmillis', ['maxWaitMs']],
  [
    'threads poolsize workers maxworkers numworkers workercount numthreads threadcount minthreads size max instances',
    ['threads', 'maxThreads', 'concurrency'],
  ],
  [
    'concurrencylimit maxconcurrency concurrent concurrentcalls concurrenttasksperworker parallel parallelism limit inflight maxinflight maxthreads threads',
    ['concurrency', 'threads', 'maxThreads'],
  ],
  [
    'queue queuesize maxqueuesize queuelimit queuelength maxqueuelength maxpending highwatermark backlog',
    ['maxQueue', 'maxQueueSize'],
  ],
  [
    'batchsize maxbatch maxbatchsize maxsize chunksize itemsperbatch',
    ['batchSize', 'batch', 'size', 'maxExportBatchSize'],
  ],
  ['linger delay delayms batchdelayms batchtimeoutms maxdelayms flushms', ['batchLingerMs', 'lingerMs']],
  [
    'memory memorylimit maxmemory maxmemorymb maxmemorybytes memorymb memorypages maxpages resourcelimits',
    ['maxMemoryPages'],
  ],
  ['cache cachesize modulecache modulecachesize maxmodules', ['moduleCacheCapacity']],
  ['module modules wasm plugins', ['guests']],
  ['wasm bytes file filename path url source code buffer', ['module']],
  ['glue bind', ['binding']],
  ['exports methods fns api', ['functions']],
  ['import imports allow allowedimports permissions', ['allowImports']],
  ['fn func function handler execute task work call', ['run']],
  ['dispose destroy shutdown end stop', ['close']],
  ['parameters params options tunables', ['knobs']],
  ['range values choices', ['domain']],
  ['setter onchange change', ['set']],
  ['default initial initialvalue start', ['value']],
  ['minimum least lower low from', ['min']],
  ['maximum most upper high to', ['max']],
  ['samplerate sampling rate ratio', ['sampleEvery']],
  ['tracing traces trace telemetry otel', ['spans']],
  ['id label', ['name']],
  ['heading name', ['title']],
  ['settings grid configs candidates', ['points']],
  ['repeat repeats repetitions iterations', ['rounds']],
  ['abort abortsignal controller aborter cancel', ['signal']],
  ['retry retries retryable', ['idempotent']],
  ['startms starttime scheduledatms', ['intendedStartMs']],
];

const meant = new Map<string, readonly string[]>();
for (const [others, options] of rows) {
  for (const other of others.split(' ')) meant.set(other, [...(meant.get(other) ?? []), ...options]);
}

/** '; did you mean 'maxQueue'?', or nothing. @param known the options there are */
export function optionMeantText(given: string, known: readonly string[]): string {
  const word = given.slice(0, 60).toLowerCase().replaceAll(/[-_]/g, '');
  const byName = optionOf(word, known);
  if (byName !== undefined) return `; did you mean '${byName}'?`;
  const near = meantText(given, known);
  if (near !== '') return near;
  const others = [...meant.keys()].filter((other) => optionOf(other, known) !== undefined);
  const other = word.length >= leastLetters ? nearest(word, others) : null;
  return other === null ? '' : `; did you mean '${optionOf(other, known)}'?`;
}

/** Of a shorter word too little is left once letters of it may be wrong. */
const leastLetters = 6;

function optionOf(word: string, known: readonly string[]): string | undefined {
  return meant.get(word)?.find((option) => known.includes(option));
}
