/** What the demo's command line may say. */
import { parseArgs } from 'node:util';
import { SandtuneError } from 'sandtune';

export interface DemoOptions {
  /** Folder whose files are the input. */
  readonly dir: string;
  readonly seed: number;
  /** Time for tuning and proof. */
  readonly seconds: number;
  readonly sloMs: number;
  readonly json: boolean;
  /** A quarter of the time, looser proof: for tests. */
  readonly fast: boolean;
  /** Where to start instead of at piscina's defaults; at the best known point there is nothing left to find. */
  readonly startAt: Readonly<Record<string, number>>;
  /** Folder of the ledger and the report. */
  readonly out: string;
}

export const demoUsage = `npm start -- [options]

  --dir FOLDER     input: JavaScript and text files below it (default: node_modules)
  --seed N         names every coin and the mix of calls (default: a fresh one, printed)
  --seconds N      time for tuning and proof, 10 to 600 (default 75)
  --slo-ms N       an ok call within this many ms is goodput (default 250)
  --start-at K=V,… start somewhere else than at piscina's defaults: threads=2,batchSize=64
  --out FOLDER     where ledger and report go (default .sandtune/demo/<time>-<seed>)
  --json           the result as JSON, alone on stdout
  --fast           a quick look with looser proof, about 25 s
  --help
`;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function parseDemoOptions(args: readonly string[], now = new Date()): DemoOptions | 'help' {
  const { values } = parse(args);
  if (values.help === true) return 'help';
  const seed =
    values.seed === undefined ? Math.floor(now.getTime() % 1_000_000) : whole('--seed', values.seed, 0, 2 ** 32);
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const fast = values.fast === true;
  return {
    dir: values.dir ?? 'node_modules',
    seed,
    seconds: whole('--seconds', values.seconds ?? (fast ? '20' : '75'), 10, 600),
    sloMs: whole('--slo-ms', values['slo-ms'] ?? '250', 1, 60_000),
    json: values.json === true,
    fast,
    startAt: parseSettings(values['start-at']),
    out: values.out ?? `.sandtune/demo/${stamp}-${seed}`,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        dir: { type: 'string' },
        seed: { type: 'string' },
        seconds: { type: 'string' },
        'slo-ms': { type: 'string' },
        'start-at': { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean' },
        fast: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new SandtuneError('ERR_SANDTUNE_OPTION', (error as Error).message, { cause: error });
  }
}

/** 'threads=2,batchSize=64' */
function parseSettings(text: string | undefined): Readonly<Record<string, number>> {
  if (text === undefined) return {};
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [knob = '', value = ''] = part.split('=');
      return [knob.trim(), whole('--start-at', value, 0, 1e6)];
    }),
  );
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      `${name}: expected a whole number from ${min} to ${max}, got '${text}'`,
    );
  }
  return value;
}
