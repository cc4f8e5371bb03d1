/** Options under the names they have elsewhere, each with the list of options it was put into. */
import { Piscina } from 'piscina';
import { createSandbox, measured, wrap } from 'sandtune';
import { assemblyScript, emscripten, wasi, wasmBindgen } from 'sandtune/bindings';
import { reportOf } from 'sandtune/exporters';
import { sweep, tune } from 'sandtune/tuner';
import { startOtlp } from '../../../exporters/otlp/start.ts';
import type { WrongUsage } from './usages.ts';

/** What is wrong is wrong for the compiler too. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Anything = any;

const double = async (n: number) => 2 * n;
const doubleAll = async (all: number[]) => all.map((n) => 2 * n);

async function withPool(act: (pool: Piscina) => unknown): Promise<unknown> {
  const pool = new Piscina({ filename: new URL('./worker.cjs', import.meta.url).href, minThreads: 1, maxThreads: 1 });
  try {
    return await act(pool);
  } finally {
    await pool.destroy();
  }
}

/** @param written with … where the option stands */
function named(written: string, names: string, call: (options: Anything) => unknown): readonly WrongUsage[] {
  return names
    .split(' ')
    .map((name) => ({ written: written.replace('…', `${name}: 4`), act: () => call({ [name]: 4 }) }));
}

export const foreignNames: readonly WrongUsage[] = [
  ...named(
    'wrap(double, { … })',
    'threads poolSize workers maxConcurrency parallelism limit timeoutMs tracing',
    (options) => wrap(double, options),
  ),
  ...named('wrap(double, { concurrency: 4, … })', 'queueSize maxQueueSize highWaterMark', (options) =>
    wrap(double, { concurrency: 4, ...options }),
  ),
  ...named('wrap(doubleAll, { batch: { size: 4, … } })', 'maxBatchSize delayMs', (options) =>
    wrap(doubleAll, { batch: { size: 4, ...options } }),
  ),
  ...named('wrap(pool, { … })', 'workers size concurrentTasksPerWorker', (options) =>
    withPool((pool) => wrap(pool as Anything, options)),
  ),
  ...named('wrap(double).run(1, { … })', 'timeout timeoutMs queueTimeout abortSignal', (options) =>
    wrap(double).run(1, options),
  ),
  ...named("measured({ name: 'm', … })", 'fn handler parameters', (options) => measured({ name: 'm', ...options })),
  ...named(
    'createSandbox({ … })',
    'modules workers poolSize size timeout queueSize maxBatchSize memoryLimit',
    (options) => createSandbox(options),
  ),
  ...named('createSandbox({ guests: { calc: { … } } })', 'wasm bytes imports exports memoryMb', (options) =>
    createSandbox({ guests: { calc: options } }),
  ),
  ...named(
    'tune(executor, { … })',
    'guardrails objective goal target slo sloMillis dir pin rollbackAt timeoutMs',
    (options) => tune(wrap(double), { stateDir: ':memory:', ...options }),
  ),
  ...named('tune(executor, { fixed: { … } })', 'workers maxConcurrency', (fixed) =>
    tune(wrap(double, { concurrency: 4 }), { stateDir: ':memory:', fixed }),
  ),
  ...named('sweep(executor, { … })', 'settings goal repetitions', (options) =>
    sweep(wrap(double, { concurrency: 4 }), options),
  ),
  ...named("reportOf('.', { … })", 'heading', (options) => reportOf('.', options)),
  ...named('startOtlp({ … })', 'exporterUrl collector service timeout queueSize batchSize', (options) =>
    startOtlp(options),
  ),
  // ------------------------------------------------------------------ bindings, which are made in a binding module
  { written: 'wasmBindgen()', act: () => (wasmBindgen as Anything)() },
  { written: "wasmBindgen('./glue.js')", act: () => wasmBindgen('./glue.js' as Anything) },
  { written: "wasmBindgen(glue, ['parse'])", act: () => wasmBindgen({}, ['parse'] as Anything) },
  { written: 'emscripten(factory)', act: () => (emscripten as Anything)(() => ({})) },
  { written: "emscripten('./codec.js', choose)", act: () => emscripten('./codec.js' as Anything, () => ({})) },
  { written: "assemblyScript('./release.js')", act: () => assemblyScript('./release.js' as Anything) },
  { written: 'assemblyScript(glue, { parse })', act: () => assemblyScript({}, { parse: double } as Anything) },
  { written: "wasi({ argv: ['-v'] })", act: () => wasi({ argv: ['-v'] } as Anything) },
  { written: "wasi({}, ['parse'])", act: () => wasi({}, ['parse'] as Anything) },
];
