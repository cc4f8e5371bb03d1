/**
 * A WebAssembly guest as it comes from npm, in a sandbox that is tuned while it is called:
 *
 *   npm run example examples/sandbox-quickstart.ts
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createSandbox } from 'sandtune';
import { report } from 'sandtune/exporters';
import { tune } from 'sandtune/tuner';

await using sandbox = await createSandbox({
  guests: {
    lz4: {
      module: new URL(import.meta.resolve('lz4-wasm/lz4_wasm_bg.wasm')),
      binding: new URL('./support/lz4-binding.mjs', import.meta.url), // three lines over the guest's own glue
      functions: ['compress', 'decompress'],
      allowImports: { './lz4_wasm_bg.js': '*' },
    },
  },
  deadlineMs: 1000,
});
const compress = sandbox.function('compress');
const decompress = sandbox.function('decompress');
const text = Buffer.from('the quick brown fox jumps over the lazy dog; '.repeat(20));
const packed = (await compress(text)) as Uint8Array;
const isSame = text.equals((await decompress(packed)) as Buffer);
console.log(`${text.length} bytes, packed ${packed.length}, unpacked the same: ${isSame}`);

// `auto` keeps what is proven better. The windows are shorter than the defaults, so that the example ends soon.
const expert = { windowMs: 150, baselineWindows: 10, noisePairs: 3, holdBackFraction: 0 };
await using tuner = tune(sandbox, { mode: 'auto', maximize: 'throughput', stateDir: ':memory:', expert });
const stop = new AbortController();
const callers = Array.from({ length: 64 }, async () => {
  while (!stop.signal.aborted) await compress(text);
});
await Promise.race([tuner.settled(), pause(20_000)]);
stop.abort();
await Promise.all(callers);
await tuner.stop();
console.log(report(tuner.ledger).markdown.split('<details>')[0]);
