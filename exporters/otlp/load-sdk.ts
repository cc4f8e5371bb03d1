/**
 * The only place that touches the OpenTelemetry SDK: 90 MB that nobody needs who does not export, so
 * it is an optional peer, loaded when `startOtlp()` is called.
 */
import { SandtuneError } from '../../src/foundation/errors.ts';

/** Versions this was written for; the SDK's packages change their shapes between majors. */
const peers = {
  '@opentelemetry/sdk-node': '0.301.0',
  '@opentelemetry/sdk-trace': '3.1.0',
  '@opentelemetry/exporter-trace-otlp-proto': '0.301.0',
  '@opentelemetry/resources': '3.1.0',
} as const;

export interface Sdk {
  readonly node: typeof import('@opentelemetry/sdk-node');
  readonly trace: typeof import('@opentelemetry/sdk-trace');
  readonly exporter: typeof import('@opentelemetry/exporter-trace-otlp-proto');
  readonly resources: typeof import('@opentelemetry/resources');
}

/** @throws {SandtuneError} ERR_SANDTUNE_PEER_MISSING with the line that installs what is missing */
export async function loadSdk(load: (specifier: string) => Promise<unknown>): Promise<Sdk> {
  const [node, trace, exporter, resources] = await Promise.all(
    Object.keys(peers).map(async (name) => {
      try {
        return await load(name);
      } catch (error) {
        throw isMissing(error) ? missing(name, error) : error;
      }
    }),
  );
  return { node, trace, exporter, resources } as Sdk;
}

function isMissing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

function missing(name: string, cause: unknown): SandtuneError {
  const line = `npm install ${Object.entries(peers)
    .map(([peer, version]) => `${peer}@${version}`)
    .join(' ')}`;
  return new SandtuneError(
    'ERR_SANDTUNE_PEER_MISSING',
    `sandtune/otlp: expected the optional peer ${name} to be installed, found none. Install it with:\n  ${line}`,
    { cause },
  );
}
