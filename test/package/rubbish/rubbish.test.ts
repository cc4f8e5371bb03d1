/**
 * No function of the package, and no method of what it gives, answers rubbish with an error that is not ours:
 * rubbish is refused in words that say what was expected, or taken, and where it was refused nothing has changed.
 */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sandtune from 'sandtune';
import * as bindings from 'sandtune/bindings';
import * as exporters from 'sandtune/exporters';
import * as streaming from 'sandtune/stream';
import * as tuning from 'sandtune/tuner';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as otlp from '../../../exporters/otlp/index.ts';
import { type Anything, Attempts, laidOver } from './attempt.ts';

const { wrap, createSandbox, measured } = sandtune;
const { tune } = tuning;

/** Rubbish may be the name of a folder. */
const folder = mkdtempSync(join(tmpdir(), 'sandtune-rubbish-'));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true, force: true });
});

const memory = { stateDir: ':memory:' };
/** What a call is given is the function's own affair. */
const twice = (n: unknown) => (typeof n === 'number' ? 2 * n : 0);
const double = async (n: unknown) => twice(n);
const doubleAll = async (all: readonly unknown[]) => all.map(twice);
/** (module (func (export "add") (param i32 i32) (result i32) …)) */
const adds = Uint8Array.from(
  Buffer.from('0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b', 'hex'),
);
const calc = { guests: { calc: { module: adds } }, threads: 1 };
/** What begins no thread, because it is refused last. */
const noModule = new Uint8Array(4);
const noCalc = { guests: { calc: { module: noModule } } };
const { objective } = tuning.parseGoal({});
const points = [{ concurrency: 2 }];
const quickSweep = { objective, points, windowMs: 10, minCompletions: 0 };
const choose = () => ({});

/** Ends what a call gave, whatever it is. */
async function letGo(given: Anything): Promise<void> {
  const held = await given;
  const end = held?.[Symbol.asyncDispose] ?? held?.[Symbol.dispose];
  if (typeof end === 'function') await end.call(held);
}

/** The function, so that nothing it gives stays. */
const ended =
  (act: (...args: Anything[]) => unknown) =>
  (...args: unknown[]) =>
    letGo(act(...args));

const gated = () => wrap(double, { concurrency: 2 });
const ledger = tuning.openLedger({ ...memory, executor: 'rubbish' });
const history = tuning.historyOf([]);
const session = Object.freeze({ entry: {}, trials: [] });
const trial = { trial: 1, closed: false, decision: null, result: null };
const swept = { points: [{}, {}], logRatios: [[0, 0.1]], windows: [] };
afterAll(() => ledger[Symbol.asyncDispose]());

/** What each function takes, which is how a new one is missed here. */
const goodArguments: Readonly<Record<string, () => readonly unknown[]>> = {
  createSandbox: () => [noCalc],
  isSandtuneError: () => [new Error('none of ours')],
  measured: () => [{ name: 'rubbish', run: double }],
  wrap: () => [double, {}],
  assemblyScript: () => [{ instantiate: choose }, choose, {}],
  emscripten: () => [choose, choose, {}],
  records: () => [{ functions: ['transform'] }],
  wasi: () => [{}, choose],
  wasmBindgen: () => [{ initSync: choose }, choose],
  createLiveView: () => [{ write: choose }],
  replayOf: () => ['', {}],
  report: () => [ledger, {}],
  reportOf: () => ['', {}],
  writeReport: () => [{ html: '', markdown: '', json: '' }, join(folder, 'report')],
  startOtlp: () => [{ endpoint: 'no address' }],
  createStreamProcessor: () => [gated(), {}],
  pipeline: () => [[gated(), { executor: gated(), maxConcurrency: 2 }], {}],
  databaseCheckpoints: () => [join(folder, 'checkpoints')],
  databaseSink: () => [join(folder, 'sink.sqlite'), {}],
  fileCheckpoints: () => [join(folder, 'checkpoints'), {}],
  fileSink: () => [join(folder, 'out'), {}],
  fileSource: () => [join(folder, 'in'), {}],
  fixed: () => [8],
  functionSink: () => [choose],
  iterableSource: () => [[], {}],
  keepGuestStates: () => [{ guestStates: double, restoreGuestStates: double, statefulModules: null }],
  lengthPrefixed: () => [{}],
  lines: () => [{}],
  defineConfig: () => [{ executor: wrap(double) }],
  endingOf: () => [trial],
  extendHistory: () => [history, {}],
  extendKept: () => [tuning.nothingKept, {}],
  extendWindows: () => [tuning.noSessionWindows, session, {}, choose],
  gainOver: () => [swept, 1, 0.05],
  historyOf: () => [[], history],
  isRunning: () => [trial],
  openLedger: () => [{ ...memory, executor: 'rubbish' }],
  openTrial: () => [session],
  parseGoal: () => [{}],
  parseGuardrail: () => ['p99 < 50ms'],
  replay: () => [ledger],
  sessionIn: () => [history, 1],
  sweep: () => [gated(), quickSweep],
  triggerOf: () => [trial],
  tune: () => [wrap(double), memory],
};

it('every function of every entry refuses rubbish in words of ours, or takes it', async () => {
  const attempts = new Attempts();
  const functions = Object.entries({ ...sandtune, ...bindings, ...exporters, ...otlp, ...streaming, ...tuning }).filter(
    ([, one]) => typeof one === 'function' && !/^class\b/.test(Function.prototype.toString.call(one)),
  );
  expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(goodArguments).sort());
  for (const [name, one] of functions)
    await attempts.eachArgument(`${name}()`, ended(one as () => unknown), goodArguments[name] as () => unknown[]);
  expect(attempts.faults).toEqual([]);
}, 180_000);

it('every option of every function refuses rubbish in words of ours, or takes it', async () => {
  const attempts = new Attempts();
  const options: Readonly<Record<string, (more: Anything) => unknown>> = {
    'wrap(function)': (more) => wrap(double, laidOver({ concurrency: 2 }, more)),
    'wrap() of a batch': (more) => wrap(doubleAll, laidOver({ batch: { size: 2 } }, more)),
    'wrap() batch': (more) => wrap(doubleAll, { batch: laidOver({ size: 2 }, more) }),
    'wrap() spans': (more) => wrap(double, { spans: more }),
    'wrap() concurrency': (more) => wrap(double, { concurrency: laidOver({ value: 2 }, more) }),
    'wrap() surroundings': (more) => wrap(double, { surroundings: more }),
    'measured()': (more) => measured(laidOver({ name: 'rubbish', run: double }, more)),
    'measured() knob': (more) =>
      measured({ name: 'rubbish', run: double, knobs: { size: laidOver({ domain: [1, 2], value: 1 }, more) } }),
    'createSandbox()': (more) => createSandbox(laidOver(noCalc, more)),
    'createSandbox() guest': (more) => createSandbox({ guests: { calc: laidOver({ module: noModule }, more) } }),
    'tune()': (more) => tune(wrap(double), laidOver(memory, more)),
    'tune() expert': (more) => tune(wrap(double), { ...memory, expert: more }),
    'sweep()': (more) => tuning.sweep(gated(), laidOver(quickSweep, more)),
    'openLedger()': (more) => tuning.openLedger(laidOver({ ...memory, executor: 'rubbish' }, more)),
    'report()': (more) => exporters.report(ledger, more),
    'reportOf()': (more) => exporters.reportOf('', more),
    'replayOf()': (more) => exporters.replayOf('', more),
    'createLiveView()': (more) => exporters.createLiveView(laidOver({ write: choose }, more)),
    'startOtlp()': (more) => otlp.startOtlp(laidOver({ scheduledDelayMs: -1 }, more)),
    'wasi()': (more) => bindings.wasi(more),
  };
  for (const [name, call] of Object.entries(options)) await attempts.eachOption(name, ended(call));
  expect(attempts.faults).toEqual([]);
}, 180_000);

/** The names of the methods that take something. */
function methodsOf(object: object): readonly string[] {
  const names = new Set<string>();
  for (let one = object; one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one)))
      if (typeof value === 'function' && value.length > 0 && name !== 'constructor') names.add(name);
  }
  return [...names];
}

const goodOfMethods: Readonly<Record<string, readonly unknown[]>> = {
  run: [1, {}],
  windows: [10, {}],
  answer: [1, true],
  propose: [{ concurrency: 3 }, 'a reason'],
  keepWarm: [2, 3],
};

it('every method of an executor and of its knobs refuses rubbish in words of ours, and nothing has changed then', async () => {
  const attempts = new Attempts();
  const make: Readonly<Record<string, () => Promise<Anything>>> = {
    function: async () => gated(),
    batch: async () => wrap(doubleAll, { batch: { size: 2 }, concurrency: 2 }),
    measured: async () =>
      measured({ name: 'rubbish', run: double, knobs: { size: { domain: [1, 2], value: 1, set: () => {} } } }),
    sandbox: () => createSandbox(calc),
  };
  for (const [kind, made] of Object.entries(make)) {
    const executor = await made();
    const right = () => (kind === 'sandbox' ? executor.run({ function: 'add', args: [20, 22] }) : executor.run(21));
    const settings = () => JSON.stringify(executor.knobs.map((knob: Anything) => knob.read()));
    const before = settings();
    for (const name of methodsOf(executor).filter((one) => one !== 'close')) {
      const call = async (...args: unknown[]) => {
        const given = executor[name](...args);
        if (name !== 'windows') return letGo(given);
        for await (const window of given) return window;
      };
      await attempts.eachArgument(`${kind}.${name}()`, call, () => goodOfMethods[name] ?? [undefined]);
    }
    for (const knob of executor.knobs) {
      for (const name of methodsOf(knob)) {
        const call = async (...args: unknown[]) => {
          await letGo(knob[name](...args));
          if (name === 'apply') await knob.apply(JSON.parse(before).length && knob.defaultValue);
        };
        await attempts.eachArgument(`${kind}.${knob.id}.${name}()`, call, () => goodOfMethods[name] ?? [undefined]);
      }
    }
    expect(settings()).toBe(before);
    expect(await right()).toBe(42);
    await executor.close();
  }
  const closed = async (options: unknown) => {
    const executor = gated();
    try {
      await executor.close(options as object);
    } catch (error) {
      expect(await executor.run(21)).toBe(42);
      throw error;
    }
  };
  await attempts.eachArgument('close()', closed, () => [{}]);
  expect(attempts.faults).toEqual([]);
}, 180_000);

it('every method of a tuner refuses rubbish in words of ours, and the tuner goes on', async () => {
  const attempts = new Attempts();
  await using executor = gated();
  const tuner: Anything = tune(executor, { ...memory, mode: 'confirm' });
  for (const name of methodsOf(tuner).filter((one) => one !== 'stop' && one !== 'propose'))
    await attempts.eachArgument(
      `tuner.${name}()`,
      (...args) => tuner[name](...args),
      () => goodOfMethods[name] ?? [undefined],
    );
  expect(tuner.mode).toBe('confirm');
  await tuner.stop();
  for (const name of ['stop', 'propose']) {
    const call = async (...args: unknown[]) => {
      await using other = gated();
      const one: Anything = tune(other, { ...memory, mode: 'auto' });
      const given = one[name](...args);
      given.catch(() => {});
      await one.stop();
      await given;
    };
    await attempts.eachArgument(`tuner.${name}()`, call, () => goodOfMethods[name] ?? [{}]);
  }
  expect(attempts.faults).toEqual([]);
}, 180_000);
