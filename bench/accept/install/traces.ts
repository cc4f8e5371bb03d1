/** The package beside other OpenTelemetry: what npm makes of it, whether every entry loads, and which spans arrive. */
import manifest from '../../../package.json' with { type: 'json' };
import { exactly, type Row } from '../rows.ts';
import { startCollector } from './collector.ts';
import type { Tree } from './tree.ts';

export interface Beside {
  readonly name: string;
  readonly packages: readonly string[];
  /** Who sends the spans; null where nothing could. */
  readonly sends: 'startOtlp' | 'register' | null;
}

/**
 * The oldest and the youngest SDK that is taken, the former with the oldest API, the first and the last of
 * SDK 2, and one that runs already: the newest, and one of SDK 2, whose API is not that of the newest SDK.
 */
export const trees: readonly Beside[] = [
  { name: 'alone', packages: [], sends: null },
  {
    name: 'OpenTelemetry 0.57.2 with API 1.4.1',
    packages: ['@opentelemetry/sdk-node@0.57.2', '@opentelemetry/api@1.4.1'],
    sends: 'startOtlp',
  },
  { name: 'OpenTelemetry 0.200.0', packages: ['@opentelemetry/sdk-node@0.200.0'], sends: 'startOtlp' },
  { name: 'OpenTelemetry 0.223.0', packages: ['@opentelemetry/sdk-node@0.223.0'], sends: 'startOtlp' },
  { name: 'the newest OpenTelemetry', packages: ['@opentelemetry/sdk-node@latest'], sends: 'startOtlp' },
  {
    name: 'auto-instrumentations-node',
    packages: ['@opentelemetry/auto-instrumentations-node@latest'],
    sends: 'register',
  },
  {
    name: 'auto-instrumentations-node 0.60.0',
    packages: ['@opentelemetry/auto-instrumentations-node@0.60.0'],
    sends: 'register',
  },
];

export const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target !== 'string')
  .map(([subpath]) => manifest.name + subpath.slice(1));
const callCount = 50;
/** In the collector's one answer. */
const refusedCount = 4;

/** The package is installed there. */
export async function tracesIn(tree: Tree, { name, sends }: Beside): Promise<readonly Row[]> {
  const loaded = await tree.node([await tree.copy('entries.ts'), ...entries]);
  const good = loaded.code === 0 ? (JSON.parse(loaded.stdout) as unknown[]).filter((one) => one === true) : [];
  const rows = [
    exactly(said(`${name}: entries that load`, loaded), good.length, entries.length),
    exactly(`${name}: copies of @opentelemetry/api`, await tree.copiesOf('@opentelemetry/api'), 1),
  ];
  if (sends === null) return rows;
  using collector = await startCollector({ refuses: sends === 'startOtlp' ? refusedCount : 0 });
  const preload = sends === 'register' ? ['--import', '@opentelemetry/auto-instrumentations-node/register'] : [];
  const ran = await tree.node([...preload, await tree.copy('traced.ts'), sends], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
  rows.push(exactly(said(`${name}: calls that the collector was told of`, ran), collector.calls(), callCount));
  const { refused, sent, lost } = lastLine<{ refused: string; sent: number; lost: number }>(ran.stdout);
  if (sends === 'startOtlp')
    rows.push(
      exactly(`${name}: spans counted as sent`, sent ?? 0, callCount - refusedCount),
      exactly(
        `${name}: spans of an accepted export that the collector refused, counted as lost`,
        lost ?? 0,
        refusedCount,
      ),
    );
  else
    rows.push(
      exactly(`${name}: startOtlp() refused beside an SDK that runs`, Number(refused === 'ERR_SANDTUNE_OPTION'), 1),
    );
  return rows;
}

/** The name of a row, with what a program said that did not end well. */
export function said(
  name: string,
  { code, output }: { readonly code: number | null; readonly output: string },
): string {
  return code === 0 ? name : `${name} (exit ${code}: ${output.trim().split('\n').slice(-3).join(' ').slice(-200)})`;
}

export function lastLine<T>(stdout: string): Partial<T> {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
  } catch {
    return {};
  }
}
