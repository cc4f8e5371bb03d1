/**
 * Where a collector listens: addresses as the option and the `OTEL_*` variables give them. One without a scheme
 * is refused wherever it stands: `otel:4318` is a URL too, of the scheme `otel:`, and would be sent nowhere.
 */
import { checkText, expected } from '../../src/foundation/options.ts';
import type { EnvironmentVariables } from '../../src/foundation/surroundings.ts';

const tracesPath = '/v1/traces';

/**
 * The option, else the variable of traces, which is taken as it is, else the general one, which is a base.
 * @param notes takes what looks like a mistake, in words
 * @returns undefined where nobody says
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 * @see OpenTelemetry Protocol Exporter specification, "Endpoint URLs for OTLP/HTTP"
 */
export function tracesUrlOf(
  endpoint: string | undefined,
  environment: EnvironmentVariables,
  notes: string[],
): string | undefined {
  if (endpoint !== undefined) return underBase('endpoint', checkText('endpoint', endpoint), notes);
  const ofTraces = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (ofTraces) {
    const url = addressOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ofTraces);
    if (url.pathname === '/')
      notes.push(
        `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is, and has no path: expected ${url.origin}${tracesPath}`,
      );
    return url.href;
  }
  const ofAll = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return ofAll ? underBase('OTEL_EXPORTER_OTLP_ENDPOINT', ofAll, notes) : undefined;
}

/**
 * Of a signal that the SDK sends by itself, which takes whatever stands in the variables.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function checkEndpointsOf(signal: 'METRICS' | 'LOGS', environment: EnvironmentVariables): void {
  for (const name of [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const text = environment[name];
    if (text) addressOf(name, text);
  }
}

/** null for what is no address of a collector. */
export function collectorAddress(text: string): URL | null {
  const url = URL.parse(text.trim());
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
}

function underBase(name: string, text: string, notes: string[]): string {
  const url = addressOf(name, text);
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith(tracesPath)) {
    notes.push(`${name}: expected the address above ${tracesPath}, got one that ends in it: taken as it is`);
    url.pathname = path;
  } else url.pathname = `${path}${tracesPath}`;
  return url.href;
}

function addressOf(name: string, text: string): URL {
  const url = collectorAddress(text);
  if (url === null) throw expected(name, 'an http(s) address, as http://localhost:4318', text);
  return url;
}
