/** What a strict program writes; compiled where it is installed, with the compilers and resolutions of others. */
import { Piscina } from 'piscina';
import { createSandbox, measured, wrap } from 'sandtune';
import { wasmBindgen } from 'sandtune/bindings';
import { report } from 'sandtune/exporters';
import { startOtlp } from 'sandtune/otlp';
import { defineConfig, tune } from 'sandtune/tuner';

const pool = wrap(new Piscina<number, string>({ filename: 'worker.js' }), { name: 'pool' });
const text: string = await pool.run(1);
const twice = wrap(async (n: number) => n * 2);
const four: number = await twice.run(2);
const sized = measured({
  name: 'sized',
  knobs: { level: { domain: { min: 1, max: 9, scale: 'linear', integer: true }, value: 6 } },
  run: (bytes: Uint8Array, { settings }) => bytes.length + settings.level,
});
const config = defineConfig({
  executor: sized,
  load: async (run, signal) => {
    while (!signal.aborted) await run(new Uint8Array());
  },
});
export const { imports, bind } = wasmBindgen({});
await using tuner = tune(pool, { maximize: 'goodput', sloMs: 50, mode: 'advise' });
const markdown: string = report(tuner.ledger).markdown;
await using otlp = await startOtlp({ serviceName: 'shop' });
const sandbox = await createSandbox({ guests: { g: { module: new Uint8Array() } } });
// @ts-expect-error: options without guests are wrong, so the types are not `any`
void createSandbox({});
export const all = [text, four, markdown, otlp.sent(), sandbox.name, config.executor];
