/**
 * Where a collector listens: addresses as the option and the `OTEL_*` variables give them. One without a scheme
 * is refused wherever it stands: `otel:4318` is a URL too, of the scheme `otel:`, and would be sent nowhere.
 * What is said of an address holds no name, no password and no query, which may be secrets.
 */
import { checkText, expected } from '../../src/foundation/options.ts';
import type { EnvironmentVariables } from '../../src/foundation/surroundings.ts';

const tracesPath = '/v1/traces';
/** What an address of one signal ends in, or half of it. */
const signalPath = /\/v1(\/(traces|metrics|logs))?$/i;

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
    noteDoubts('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', url, notes);
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
  } else {
    url.pathname = `${path}${tracesPath}`;
    const [end] = signalPath.exec(path) ?? [];
    if (end !== undefined)
      notes.push(`${name}: expected the address above ${end}, got one that ends in it: traces go to ${url.pathname}`);
  }
  noteDoubts(name, url, notes);
  return url.href;
}

/** Of an address that traces are sent to. */
function noteDoubts(name: string, { pathname, port }: URL, notes: string[]): void {
  if (pathname.split(tracesPath).length > 2)
    notes.push(`${name}: ${tracesPath} stands twice in the address: traces go to ${pathname}`);
  if (port === '4317') notes.push(`${name}: port 4317 is usually that of gRPC, and traces go by HTTP: usually 4318`);
}

function addressOf(name: string, text: string): URL {
  const url = collectorAddress(text);
  if (url === null) throw expected(name, 'an http(s) address, as http://localhost:4318', withoutSecrets(text));
  return url;
}

/** Of text that is no address: all before the last `@` but a scheme, and all after the first `?`. */
function withoutSecrets(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@').replace(/\?.*/s, '?…');
}
