/** What the `OTEL_*` variables ask for and does not happen, in words. Values of headers may be secrets and are not said. */
import { quoted } from '../../src/foundation/options.ts';
import type { EnvironmentVariables } from '../../src/foundation/surroundings.ts';

/** @param traces whether spans are sent to a collector */
export function notFollowed(environment: EnvironmentVariables, traces: boolean): readonly string[] {
  const notes: string[] = [];
  if (environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true')
    notes.push('OTEL_SDK_DISABLED=true: nothing is traced, and nothing is sent');
  if (!traces) return notes;
  /** The variable of traces comes before that of all signals. */
  const inForce = (what: string) =>
    [`OTEL_EXPORTER_OTLP_TRACES_${what}`, `OTEL_EXPORTER_OTLP_${what}`].find((name) => environment[name]?.trim());
  const textOf = (name: string) => environment[name]?.trim() ?? '';

  const protocol = inForce('PROTOCOL');
  if (protocol && textOf(protocol).toLowerCase() !== 'http/protobuf')
    notes.push(`${protocol}=${quoted(textOf(protocol)).slice(1, -1)}: traces go by http/protobuf (port 4318)`);
  const compression = inForce('COMPRESSION');
  if (compression && !['gzip', 'none'].includes(textOf(compression)))
    notes.push(`${compression}: expected gzip or none, got ${quoted(textOf(compression))}: traces go uncompressed`);
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    const isPair = (part: string) => part.trim() === '' || /^\s*[^=\s][^=]*=/.test(part);
    if (!textOf(name).split(',').every(isPair))
      notes.push(`${name}: expected name=value pairs with commas between them, got a part without "=": it is not sent`);
  }
  return notes;
}
