/** Starts examples/http-service.ts in a process of its own, as its user would, on any free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ServiceOptions {
  /** The CDN it asks. */
  readonly origin: string;
  readonly stateDir: string;
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Hears the lines that a watched service says. */
  readonly hear?: (line: string) => void;
}

interface ServiceEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly complaint: string;
}

export interface ServiceProcess {
  /** Its address, once it listens; null when it ended before. */
  readonly url: Promise<string | null>;
  /** When it has ended and all it said was heard. */
  readonly ended: Promise<ServiceEnd>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

const program = fileURLToPath(new URL('../../../examples/http-service.ts', import.meta.url));

export function startService(options: ServiceOptions): ServiceProcess {
  const { origin, stateDir, nodeArguments = [], environment = {}, hear } = options;
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=sandtune-source', ...nodeArguments, program, '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe', hear ? 'pipe' : 'ignore'],
      env: { ...process.env, ORIGIN: origin, SANDTUNE_DIR: stateDir, ...environment },
    },
  );
  const listening = Promise.withResolvers<string | null>();
  let [output, complaint] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    const url = /listening on (http:\S+)/.exec(output)?.[1];
    if (url) listening.resolve(url);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  const pipe = child.stdio[3];
  if (hear && pipe && 'read' in pipe) createInterface({ input: pipe }).on('line', hear);
  const ended = new Promise<ServiceEnd>((resolve) => {
    child.once('close', (exitCode, signal) => {
      listening.resolve(null);
      resolve({ exitCode, signal, output, complaint });
    });
  });
  return { url: listening.promise, ended, kill: (signal) => child.kill(signal) };
}
