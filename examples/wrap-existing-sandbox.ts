/**
 * Takes a piscina pool as it is in many programs, and finds what its default costs under bursts:
 *
 *   npm run example examples/wrap-existing-sandbox.ts
 *
 * The pool's options are piscina's own. `idleTimeout` is 0 there: threads above the minimum end
 * as soon as they have nothing to do, and the next burst has to start them again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { wrap } from 'sandtune';
import { report } from 'sandtune/exporters';
import { tune } from 'sandtune/tuner';
import { printOutcome } from './support/print-outcome.ts';

const filename = new URL('./support/digest-worker.mjs', import.meta.url).href;
const stop = new AbortController();
/** Shorter than the defaults, so that the example ends soon: less is looked at before the trial. */
const expert = { windowMs: 150, baselineWindows: 10, noisePairs: 0, holdBackFraction: 0 };

// ---- all there is of sandtune ----
const pool = wrap(new Piscina<{ text: string; rounds: number }, string>({ filename }), {
  name: 'digests',
  load: 'closed',
});
await using tuner = tune(pool, {
  mode: 'auto',
  minimize: 'mean',
  subjectTo: ['errors < 1%'],
  stateDir: ':memory:',
  expert,
});
// ----------------------------------

/** 64 calls, a pause of 30 ms, 64 calls … until told to stop. */
async function bursts(): Promise<void> {
  while (!stop.signal.aborted) {
    await Promise.all(Array.from({ length: 64 }, (_, call) => pool.run({ text: `call ${call}`, rounds: 5 })));
    await pause(30);
  }
}

/** The tuner tries what it predicts; what it only recommends (a noisy machine) is proven on request. */
async function decision(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  tuner.watch((entry) => {
    if (entry.kind === 'record' && entry.record.kind === 'decision') resolve();
  });
  await Promise.race([promise, tuner.settled().then(() => tuner.propose({ idleTimeoutMs: 10_000 }, 'recommended'))]);
}

console.log('bursts of 64 calls, 30 ms apart, on a piscina pool with its default options\n');
const load = bursts();
await Promise.race([decision(), pause(27_000)]);
stop.abort();
await load;
await tuner.stop();
printOutcome(tuner.ledger.read(), 'ms on average');
console.log(`\n${report(tuner.ledger).markdown.split('<details>')[0]}`);
await pool.close();
