/**
 * Optuna itself: its TPE sampler with constraints, a hundred trials of five seconds each, then the best one that
 * kept to them for good. The default is its first trial, and what the tuner's default guardrails ask of latency and
 * errors are its constraints.
 * @see optuna 3.1, TPESampler at its defaults (10 startup trials, 24 candidates), for which "100 – 1000" trials are
 *   recommended; Akiba et al., "Optuna: A Next-generation Hyperparameter Optimization Framework" (2019); Bergstra et
 *   al., "Algorithms for Hyper-Parameter Optimization" (2011)
 */
import { fileURLToPath } from 'node:url';
import type { Settings, Window } from '../../../src/contracts.ts';
import { guardedValue } from '../../../tuner/trial/metric.ts';
import { holding, type Peer, type Service, type Step } from '../peer.ts';
import { PythonProgram } from './python.ts';

const trials = 100;
const forMs = 5000;
const within = { p99: 0.1, errors: 0.001 } as const;

const program = fileURLToPath(new URL('./optuna-program.py', import.meta.url));

/** What is asked of the program, one answer a question. */
export type Ask = (question: object) => Promise<unknown>;

/** A program that runs until it is disposed, for one rule at a time. */
export function openOptuna(python: string): PythonProgram {
  return new PythonProgram(python, program);
}

export const optunaName = 'optuna';

export function optuna(ask: Ask): Peer {
  return {
    name: optunaName,
    about: 'Optuna’s TPE sampler with constraints, a hundred trials',
    rule: (service) => rule(service, ask),
  };
}

async function* rule({ knobs, usual, valueOf, seed }: Service, ask: Ask): AsyncGenerator<Step, never, Window> {
  await ask({ begin: { knobs: knobs.map(({ id, domain }) => ({ id, domain })), usual, seed } });
  let found = { settings: usual, tried: 0 };
  let limits: Limits | null = null;
  for (let i = 0; i < trials; i++) {
    const { settings } = (await ask({ ask: true })) as { readonly settings: Settings };
    const window: Window = yield { settings, forMs, discardMs: 500, found };
    const limited = limitedOf(window);
    limits ??= { p99Ms: limited.p99Ms * (1 + within.p99), errors: limited.errors + within.errors };
    const constraints = [limited.p99Ms / limits.p99Ms - 1, limited.errors - limits.errors];
    const { best } = (await ask({ tell: { value: valueOf(window), constraints } })) as {
      readonly best: Settings | null;
    };
    found = { settings: best ?? usual, tried: found.tried + 1 };
  }
  for (;;) yield holding(found.settings, found);
}

interface Limits {
  readonly p99Ms: number;
  readonly errors: number;
}

/** Of a window without calls everything is as bad as can be said in JSON. */
function limitedOf(window: Window): Limits {
  return {
    p99Ms: guardedValue('p99', [window])?.value ?? 1e9,
    errors: guardedValue('errors', [window])?.value ?? 1,
  };
}
