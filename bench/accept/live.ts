/** The demo's sandbox and closed loop, for parts that tune it themselves. */
import { startLoad } from '../../examples/demo/load.ts';
import { concurrency } from '../../examples/demo/loads.ts';
import {
  type Corpus,
  createMix,
  type DemoCall,
  demoGuests,
  isVerifiable,
  loadCorpus,
  verify,
} from '../../examples/demo/workload.ts';
import type { Settings } from '../../src/contracts.ts';
import { createSandbox, type Sandbox } from '../../src/index.ts';

export interface Live extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Results that were wrong so far, of those that were checked. */
  wrongCount(): number;
}

export const sloMs = 250;
export const objective = { metric: 'goodput', direction: 'maximize', sloMs } as const;

let corpus: Promise<Corpus> | undefined;

/** @param settings where the sandbox starts; piscina's defaults for what is not named */
export async function goLive(seed: number, settings: Settings = {}): Promise<Live> {
  corpus ??= loadCorpus();
  const mix = createMix(await corpus, seed);
  const sandbox = await createSandbox({ name: 'accept', guests: demoGuests(), load: 'closed', ...settings });
  const functions = new Map(mix.schedule.map((call) => [call.function, sandbox.function(call.function)]));
  const load = startLoad<DemoCall>({
    run: (call) =>
      functions.get(call.function)?.(...call.args) ?? Promise.reject(new Error(`no function ${call.function}`)),
    nextCall: () => mix.nextCall(),
    concurrency,
    check: verify,
    checkable: isVerifiable,
  });
  return {
    sandbox,
    wrongCount: () => load.totals().wrongCount,
    [Symbol.asyncDispose]: async () => {
      await load.stop();
      await sandbox.close();
    },
  };
}
