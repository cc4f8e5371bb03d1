/** Wrong usages of the public API and of the command that people make, each with what provokes it. */

import { Piscina } from 'piscina';
import { createSandbox, measured, wrap } from 'sandtune';
import { createLiveView, replayOf, report, reportOf, writeReport } from 'sandtune/exporters';
import { defineConfig, openLedger, parseGoal, parseGuardrail, replay, sweep, tune } from 'sandtune/tuner';
import { startOtlp } from '../../../exporters/otlp/start.ts';

/** What is wrong is wrong for the compiler too, whom these programs do not ask. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Anything = any;

export interface WrongUsage {
  readonly written: string;
  readonly act: () => unknown;
}

export interface WrongCommand {
  readonly args: readonly string[];
}

const double = async (n: number) => 2 * n;
const doubleAll = async (all: number[]) => all.map((n) => 2 * n);
const memory = { stateDir: ':memory:' };
/** (module (func (export "add") (param i32 i32) (result i32) …)) */
const adds = Uint8Array.from(
  Buffer.from('0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b', 'hex'),
);

function usage(written: string, act: () => unknown): WrongUsage {
  return { written, act };
}

const as = (value: unknown): Anything => value;

async function withTuner(act: (tuner: Anything, executor: Anything) => unknown): Promise<unknown> {
  await using executor = wrap(double, { concurrency: 4 });
  await using tuner = tune(executor, memory);
  return await act(tuner, executor);
}

async function withPool(act: (pool: Piscina) => unknown): Promise<unknown> {
  const pool = new Piscina({ filename: new URL('./worker.cjs', import.meta.url).href, minThreads: 1, maxThreads: 1 });
  try {
    return await act(pool);
  } finally {
    await pool.destroy();
  }
}

async function withSandbox(act: (sandbox: Anything) => unknown): Promise<unknown> {
  await using sandbox = await createSandbox({ guests: { calc: { module: adds } }, threads: 1 });
  return await act(sandbox);
}

export const wrongUsages: readonly WrongUsage[] = [
  // ------------------------------------------------------------------ wrap()
  usage('wrap()', () => as(wrap)()),
  usage('wrap(null)', () => wrap(as(null))),
  usage("wrap('./worker.js')", () => wrap(as('./worker.js'))),
  usage('wrap({})', () => wrap(as({}))),
  usage('wrap(class Doubler {})', () => wrap(as(class Doubler {}))),
  usage('wrap(Promise.resolve(pool))', () => wrap(as(Promise.resolve({})))),
  usage('wrap(wrap(double))', () => wrap(as(wrap(double)))),
  usage("wrap(double, 'double')", () => wrap(double, as('double'))),
  usage('wrap(double, null)', () => wrap(double, as(null))),
  usage('wrap(double, { concurency: 4 })', () => wrap(double, as({ concurency: 4 }))),
  usage("wrap(double, { concurrency: '4' })", () => wrap(double, as({ concurrency: '4' }))),
  usage('wrap(double, { concurrency: 0 })', () => wrap(double, { concurrency: 0 })),
  usage('wrap(double, { concurrency: { value: 8, max: 4 } })', () =>
    wrap(double, { concurrency: { value: 8, max: 4 } }),
  ),
  usage('wrap(double, { concurrency: {} })', () => wrap(double, { concurrency: {} })),
  usage('wrap(double, { maxQueue: 10 })', () => wrap(double, { maxQueue: 10 })),
  usage('wrap(doubleAll, { batch: 16 })', () => wrap(doubleAll, as({ batch: 16 }))),
  usage('wrap(doubleAll, { batch: { max: 16 } })', () => wrap(doubleAll, as({ batch: { max: 16 } }))),
  usage('wrap(doubleAll, { batch: { size: 32, max: 16 } })', () => wrap(doubleAll, { batch: { size: 32, max: 16 } })),
  usage('wrap(doubleAll, { batch: { size: 8, linger: 5 } })', () =>
    wrap(doubleAll, as({ batch: { size: 8, linger: 5 } })),
  ),
  usage('wrap(double, { batchSize: 8 })', () => wrap(double, as({ batchSize: 8 }))),
  usage("wrap(double, { load: 'half-open' })", () => wrap(double, as({ load: 'half-open' }))),
  usage("wrap(double, { name: '' })", () => wrap(double, { name: '' })),
  usage('wrap(double, { spans: true })', () => wrap(double, as({ spans: true }))),
  usage('wrap(double, { spans: { sampleEvery: 0 } })', () => wrap(double, { spans: { sampleEvery: 0 } })),
  usage('wrap({ piscina: null })', () => wrap(as({ piscina: null }))),
  usage('wrap(pool, { batch: { size: 4 } })', () => withPool((pool) => wrap(as(pool), as({ batch: { size: 4 } })))),
  usage('wrap(pool, { maxThreads: 0 })', () => withPool((pool) => wrap(as(pool), { maxThreads: 0 }))),
  usage('wrap(pool, { threads: 4 })', () => withPool((pool) => wrap(as(pool), as({ threads: 4 })))),
  usage('wrap(double).run(1, { deadlineMS: 1 })', () => wrap(double).run(1, as({ deadlineMS: 1 }))),
  usage('wrap(double).run(1, { retries: 2 })', () => wrap(double).run(1, as({ retries: 2 }))),
  usage('wrap(pool).run(1, { deadlineMS: 1 })', () => withPool((pool) => wrap(pool).run(1, as({ deadlineMS: 1 })))),
  // ------------------------------------------------------------------ measured()
  usage('measured()', () => as(measured)()),
  usage('measured({ run })', () => measured(as({ run: double }))),
  usage("measured({ name: 'm' })", () => measured(as({ name: 'm' }))),
  usage("measured({ name: 'm', run, knobs: [] })", () => measured(as({ name: 'm', run: double, knobs: [] }))),
  usage("measured({ name: 'm', run, knobs: { size: 8 } })", () =>
    measured(as({ name: 'm', run: double, knobs: { size: 8 } })),
  ),
  usage('measured({ …, knobs: { size: { domain: [1, 2], value: 3 } } })', () =>
    measured({ name: 'm', run: double, knobs: { size: { domain: [1, 2], value: 3 } } }),
  ),
  usage('measured({ …, knobs: { size: { domian: [1, 2], value: 1 } } })', () =>
    measured(as({ name: 'm', run: double, knobs: { size: { domian: [1, 2], value: 1 } } })),
  ),
  usage("measured({ …, knobs: { size: { domain: { …, scale: 'lin' } } } })", () =>
    measured(
      as({
        name: 'm',
        run: double,
        knobs: { size: { domain: { min: 1, max: 8, scale: 'lin', integer: true }, value: 1 } },
      }),
    ),
  ),
  // ------------------------------------------------------------------ createSandbox()
  usage('createSandbox()', () => as(createSandbox)()),
  usage('createSandbox({})', () => createSandbox(as({}))),
  usage('createSandbox({ guests: {} })', () => createSandbox({ guests: {} })),
  usage("createSandbox({ guests: './calc.wasm' })", () => createSandbox(as({ guests: './calc.wasm' }))),
  usage("createSandbox({ guests: { calc: './calc.wasm' } })", () =>
    createSandbox(as({ guests: { calc: './calc.wasm' } })),
  ),
  usage("createSandbox({ guests: { calc: { module: './calc.wasm' } } })", () =>
    createSandbox(as({ guests: { calc: { module: './calc.wasm' } } })),
  ),
  usage('createSandbox({ guests: { calc: { modul: bytes } } })', () =>
    createSandbox(as({ guests: { calc: { modul: adds } } })),
  ),
  usage("createSandbox({ guests: { calc: { module, functions: 'add' } } })", () =>
    createSandbox(as({ guests: { calc: { module: adds, functions: 'add' } } })),
  ),
  usage("createSandbox({ guests: { calc: { module, functions: ['sub'] } } })", () =>
    createSandbox({ guests: { calc: { module: adds, functions: ['sub'] } } }),
  ),
  usage("createSandbox({ guests: { calc: { module, allowImports: ['env'] } } })", () =>
    createSandbox(as({ guests: { calc: { module: adds, allowImports: ['env'] } } })),
  ),
  usage("createSandbox({ guests: { calc: { module, allowImports: { env: 'now' } } } })", () =>
    createSandbox(as({ guests: { calc: { module: adds, allowImports: { env: 'now' } } } })),
  ),
  usage('createSandbox({ …, threds: 2 })', () => createSandbox(as({ guests: { calc: { module: adds } }, threds: 2 }))),
  usage('createSandbox({ …, threads: 1.5 })', () =>
    createSandbox({ guests: { calc: { module: adds } }, threads: 1.5 }),
  ),
  usage('createSandbox({ …, threads: 8, maxThreads: 4 })', () =>
    createSandbox({ guests: { calc: { module: adds } }, threads: 8, maxThreads: 4 }),
  ),
  usage("createSandbox({ …, deadlineMs: '100' })", () =>
    createSandbox(as({ guests: { calc: { module: adds } }, deadlineMs: '100' })),
  ),
  usage("createSandbox({ …, workerUrl: './worker.js' })", () =>
    createSandbox(as({ guests: { calc: { module: adds } }, workerUrl: './worker.js' })),
  ),
  usage('createSandbox({ guests: { calc: { module: of four zeros } } })', () =>
    createSandbox({ guests: { calc: { module: new Uint8Array(4) } } }),
  ),
  usage("createSandbox({ guests: { calc: { module: 'a text' } } })", () =>
    createSandbox({ guests: { calc: { module: new TextEncoder().encode('(module (func (export "add")))') } } }),
  ),
  usage("sandbox.function('add').run([1, 2], { deadlineMS: 1 })", () =>
    withSandbox((sandbox) => sandbox.function('add').run([1, 2], { deadlineMS: 1 })),
  ),
  usage("sandbox.function('ad')", () => withSandbox((sandbox) => sandbox.function('ad'))),
  usage('sandbox.run()', () => withSandbox((sandbox) => sandbox.run())),
  usage("sandbox.function('add')('1', 2)", () => withSandbox((sandbox) => sandbox.function('add')('1', 2))),
  // ------------------------------------------------------------------ tune() and its tuner
  usage('tune()', () => as(tune)()),
  usage('tune(createSandbox({ … }))', () => tune(as(Promise.resolve({})))),
  usage('tune(new Piscina({ … }))', () => withPool((pool) => tune(as(pool), memory))),
  usage('tune(double)', () => tune(as(double), memory)),
  usage("tune(executor, 'auto')", () => tune(wrap(double), as('auto'))),
  usage("tune(executor, { mode: 'automatic' })", () => tune(wrap(double), as({ ...memory, mode: 'automatic' }))),
  usage("tune(executor, { subjectTo: 'p99 < 50ms' })", () =>
    tune(wrap(double), as({ ...memory, subjectTo: 'p99 < 50ms' })),
  ),
  usage("tune(executor, { subjectTo: ['p99 below 50 ms'] })", () =>
    tune(wrap(double), { ...memory, subjectTo: ['p99 below 50 ms'] }),
  ),
  usage("tune(executor, { maximise: 'throughput' })", () =>
    tune(wrap(double), as({ ...memory, maximise: 'throughput' })),
  ),
  usage("tune(executor, { maximize: 'latency' })", () => tune(wrap(double), as({ ...memory, maximize: 'latency' }))),
  usage("tune(executor, { maximize: 'goodput' })", () => tune(wrap(double), { ...memory, maximize: 'goodput' })),
  usage("tune(executor, { minimize: 'mean', sloMs: 50 })", () =>
    tune(wrap(double), { ...memory, minimize: 'mean', sloMs: 50 }),
  ),
  usage('tune(executor, { windowMs: 100 })', () => tune(wrap(double), as({ ...memory, windowMs: 100 }))),
  usage('tune(executor, { revertAt: 0.02 })', () => tune(wrap(double), { ...memory, revertAt: 0.02 })),
  usage("tune(executor, { mode: 'auto', revertAt: 0 })", () =>
    tune(wrap(double), { ...memory, mode: 'auto', revertAt: 0 }),
  ),
  usage('tune(executor, { fixed: { threds: 2 } })', () =>
    tune(wrap(double, { concurrency: 2 }), { ...memory, fixed: { concurency: 2 } }),
  ),
  usage('tune(executor, { expert: { alpha: 5 } })', () => tune(wrap(double), { ...memory, expert: { alpha: 5 } })),
  usage('tune(executor) twice', () => withTuner((_, executor) => tune(executor, memory))),
  usage("tuner.propose({ concurrency: 8 }) in mode 'observe'", () =>
    withTuner((tuner) => tuner.propose({ concurrency: 8 })),
  ),
  usage("tuner.propose('concurrency')", () => withTuner((tuner) => tuner.propose('concurrency'))),
  usage('tuner.watch()', () => withTuner((tuner) => tuner.watch())),
  usage("tuner.answer('yes')", () => withTuner((tuner) => tuner.answer('yes'))),
  usage("tuner.stop('SIGTERM')", () => withTuner((tuner) => tuner.stop('SIGTERM'))),
  usage('tuner.remark()', () => withTuner((tuner) => tuner.remark())),
  usage("tuner.remark({ kind: 'remark', text: 'deployed' })", () =>
    withTuner((tuner) => tuner.remark({ kind: 'remark', text: 'deployed' })),
  ),
  usage('knob.apply(0)', () => withTuner((_, executor) => executor.knobs[0].apply(0))),
  usage('defineConfig({ load })', () => defineConfig(as({ load: double }))),
  usage('parseGoal()', () => as(parseGoal)()),
  usage('parseGuardrail(50)', () => parseGuardrail(as(50))),
  usage('sweep(executor)', () => as(sweep)(wrap(double, { concurrency: 2 }))),
  usage('sweep(executor, { points: { concurrency: 2 } })', () =>
    sweep(wrap(double, { concurrency: 2 }), as({ objective: parseGoal({}).objective, points: { concurrency: 2 } })),
  ),
  usage("sweep(executor, { objective: 'throughput', points })", () =>
    sweep(wrap(double, { concurrency: 2 }), as({ objective: 'throughput', points: [{ concurrency: 2 }] })),
  ),
  usage('sweep(promise, { … })', () => sweep(as(Promise.resolve({})), as({ points: [{}] }))),
  usage('openLedger()', () => as(openLedger)()),
  usage("openLedger('.sandtune')", () => openLedger(as('.sandtune'))),
  usage('replay()', () => as(replay)()),
  usage('replay(tuner)', () => withTuner((tuner) => replay(as(tuner)))),
  // ------------------------------------------------------------------ what shows
  usage('report()', () => as(report)()),
  usage('report(tuner)', () => withTuner((tuner) => report(tuner))),
  usage("report('.sandtune')", () => report(as('.sandtune'))),
  usage('report(tuner.ledger, { session: 5 })', () => withTuner((tuner) => report(tuner.ledger, { session: 5 }))),
  usage("report(tuner.ledger, 'Nightly')", () => withTuner((tuner) => report(tuner.ledger, as('Nightly')))),
  usage('reportOf(tuner.ledger)', () => withTuner((tuner) => reportOf(tuner.ledger))),
  usage("reportOf('.', { titel: 'Nightly' })", () => reportOf('.', as({ titel: 'Nightly' }))),
  usage("replayOf('/nowhere')", () => replayOf('/nowhere')),
  usage("writeReport('report')", () => as(writeReport)('report')),
  usage("createLiveView('80')", () => createLiveView(as('80'))),
  usage("createLiveView({ width: '80' })", () => createLiveView(as({ width: '80' }))),
  usage("startOtlp({ url: 'http://collector:4318' })", () => startOtlp(as({ url: 'http://collector:4318' }))),
  usage("startOtlp('http://collector:4318')", () => startOtlp(as('http://collector:4318'))),
];

export const wrongCommands: readonly WrongCommand[] = [
  { args: [] },
  { args: ['tuen', 'config.mts'] },
  { args: ['tune'] },
  { args: ['tune', 'a.mts', 'b.mts'] },
  { args: ['tune', 'nowhere.mts'] },
  { args: ['tune', 'nowhere.mts', '--seconds', '-5'] },
  { args: ['tune', 'nowhere.mts', '--secnods', '5'] },
  { args: ['tune', 'nowhere.mts', '--mode', 'Auto'] },
  { args: ['report', '--session', 'last'] },
  { args: ['report', '--json', '--markdown'] },
  { args: ['report', '.sandtune'] },
  { args: ['report', '--state-dir'] },
  { args: ['report', '--state-dir', ''] },
  { args: ['report', '--state-dir', '/nowhere'] },
  { args: ['replay', '--statedir', '.'] },
  { args: ['off', '--state-dir', '/nowhere'] },
  { args: ['off', '--wait', 'long'] },
  { args: ['on', '--executor', ''] },
  { args: ['doctor', '-q'] },
];
