/**
 * What an SDK registers with OpenTelemetry's API when it starts, so that it can be taken out again and nothing
 * else: a program may have meters or a context manager of its own, which the SDK then does not replace.
 */
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Sdk } from './load-sdk.ts';

type Api = Sdk['api'];
type Part = keyof Api;

/** How it is told that a part of the API has somebody behind it; what is given changes when that does. */
const behind: Readonly<Record<Part, (api: Api) => unknown>> = {
  // The API hands out a stand-in, which knows of the provider behind it.
  trace: ({ trace }) => {
    const provider = trace.getTracerProvider() as { getDelegate?(): unknown };
    return provider.getDelegate?.() ?? provider;
  },
  metrics: ({ metrics }) => metrics.getMeterProvider(),
  logs: ({ logs }) => logs?.getLoggerProvider(),
  propagation: ({ propagation }) => propagation.fields().length > 0,
  context: ({ context }) => {
    const key = createContextKey('sandtune');
    return context.with(ROOT_CONTEXT.setValue(key, true), () => context.active().getValue(key) === true);
  },
};
const parts = Object.keys(behind) as readonly Part[];

/**
 * Starts something, and gives what takes it out again.
 * @param apis all copies: each keeps, beside what they share, a stand-in of its own
 */
export function registeredSince(apis: readonly [Api, ...Api[]], start: () => void): () => void {
  const [api] = apis;
  const before = parts.map((part) => behind[part](api));
  start();
  const changed = parts.filter((part, index) => behind[part](api) !== before[index]);
  return () => {
    for (const one of apis) for (const part of changed) one[part]?.disable();
  };
}
