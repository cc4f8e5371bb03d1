/** The demo's guests and calls, more of them in flight and over one transport, for parts that tune them themselves. */
import { DemoLoad } from '../../examples/demo/demo-load.ts';
import { type Corpus, demoGuests, loadCorpus } from '../../examples/demo/workload.ts';
import type { Settings } from '../../src/contracts.ts';
import { createSandbox, type Sandbox } from '../../src/index.ts';

export interface Live extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Results that were wrong so far, of those that were checked. */
  wrongCount(): number;
}

export const sloMs = 250;
export const objective = { metric: 'goodput', direction: 'maximize', sloMs } as const;

/** Enough for full batches of every size that is tried here. */
const callsInFlight = 256;

let corpus: Promise<Corpus> | undefined;

export const liveTransports = ['message', 'ring'] as const;
export type LiveTransport = (typeof liveTransports)[number];

/** @param settings where the sandbox starts; piscina's defaults for what is not named */
export async function goLive(seed: number, transport: LiveTransport, settings: Settings = {}): Promise<Live> {
  corpus ??= loadCorpus();
  const sandbox = await createSandbox({
    name: 'accept',
    guests: demoGuests(),
    load: 'closed',
    transport,
    ...settings,
  });
  const load = new DemoLoad(sandbox, await corpus, seed, callsInFlight);
  load.start();
  return {
    sandbox,
    wrongCount: () => load.results().wrongCount,
    [Symbol.asyncDispose]: async () => {
      await load.stop();
      await sandbox.close();
    },
  };
}
