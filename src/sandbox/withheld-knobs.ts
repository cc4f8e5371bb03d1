/** Knobs that sandboxes have and this one has not, each with the reason: `executor.withheld`. */
import type { ResolvedSandboxOptions, TransportOption } from './options.ts';

type Withheld = Readonly<Record<string, string>>;

/** With which transports a knob is offered. */
const offeredWith: Readonly<Record<string, readonly TransportOption[]>> = {
  batchSize: ['message', 'either'],
  batchLingerMs: ['message', 'either'],
  transport: ['either'],
  spinUs: ['ring'],
  depth: ['ring'],
  coalesceUs: ['ring'],
};

const keptState = 'a guest keeps state, which lives in its worker and its instance';

/** Of a sandbox with workers. */
export function withheldKnobs({ transport, guests }: Pick<ResolvedSandboxOptions, 'transport' | 'guests'>): Withheld {
  const byTransport = Object.entries(offeredWith)
    .filter(([, transports]) => !transports.includes(transport))
    .map(([id, transports]) => [
      id,
      `offered with transport: ${either(transports)}, and this sandbox has '${transport}'`,
    ]);
  const byState = guests.some(({ state }) => state !== 'none')
    ? ['threads', 'moduleCacheCapacity'].map((id) => [id, keptState])
    : [];
  return Object.freeze(Object.fromEntries([...byState, ...byTransport]));
}

function either(transports: readonly TransportOption[]): string {
  return transports.map((name) => `'${name}'`).join(' or ');
}

/** Of a sandbox without workers. */
export const withheldInThread: Withheld = Object.freeze(
  Object.fromEntries(
    ['threads', 'moduleCacheCapacity', ...Object.keys(offeredWith)].map((id) => [
      id,
      "calls run in the thread of their caller (tier: 'thread')",
    ]),
  ),
);
