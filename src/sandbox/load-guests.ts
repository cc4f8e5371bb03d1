/**
 * Guests as described by the host → what the workers are given and the functions that may be called.
 * Everything that can be refused from the bytes alone is refused here, before a worker exists.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { plainBytes } from '../foundation/bytes.ts';
import { messageOf, refusal, SandtuneError } from '../foundation/errors.ts';
import { quoted } from '../foundation/options.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { ResolvedGuest } from './guest-options.ts';
import { isCallable } from './module/arguments.ts';
import { notWasm } from './module/byte-reader.ts';
import type { ModuleShape, Signature } from './module/describe-module.ts';
import { checkImports } from './module/imports.ts';
import type { ModuleState } from './module/module-state.ts';
import { type ModuleStore, stringModule } from './module/module-store.ts';
import type { FunctionPlan } from './run/call.ts';
import type { StatePlan } from './run/instance-state.ts';
import type { WorkerGuest, WorkerSetup } from './run/protocol.ts';
import { codecOf } from './run/ring/signature-codec.ts';
import type { StatePlanOf } from './run/state-calls.ts';

/**
 * Most functions that a guest may offer by its own word. Each is a plan on the host and a name that is sent to
 * every worker, so a module of some megabytes could otherwise take up hundreds.
 */
const mostUnlisted = { functions: 10_000, characters: 1_000_000 } as const;

export interface LoadedGuests {
  /** Of the modules as they were given. */
  readonly digest: string;
  readonly guests: readonly WorkerGuest[];
  readonly table: WorkerSetup['functions'];
  /** 'guest.function' → plan. */
  readonly plans: (recorder: Recorder) => ReadonlyMap<string, FunctionPlan>;
  /** Guests that keep state, and the function of the workers' table that takes it. */
  readonly states: (recorder: Recorder) => readonly StatePlanOf[];
  /** Indices of guests that may fail when they are brought up, by code or segments of their own or by their binding. */
  readonly starting: readonly number[];
  /** 'guest.function' of exports that are there, but take or give what cannot cross to a guest. */
  readonly uncallable: ReadonlySet<string>;
}

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM, _MEMORY_ABOVE_CAP, _IMPORT_NOT_ALLOWED, _EXPORT_MISSING */
export async function loadGuests(resolved: readonly ResolvedGuest[], store: ModuleStore): Promise<LoadedGuests> {
  const guests: WorkerGuest[] = [];
  const table: [number, number, Signature?][] = [];
  const unmeasured: Omit<FunctionPlan, 'series'>[] = [];
  const seriesNames: string[] = [];
  const uncallable = new Set<string>();
  const starting: number[] = [];
  const stateful: (Omit<StatePlanOf, 'plan'> & { readonly plan: Omit<FunctionPlan, 'series'> })[] = [];
  for (const guest of resolved) {
    const { module, shape, movedBytes, cappedMemories, given, importedMemory, state } = await store
      .load(
        await bytesOfModule(guest),
        guest.maxMemoryPages,
        Object.hasOwn(guest.allowImports, stringModule),
        guest.state === 'memory',
      )
      .catch((error) => {
        throw inGuest(guest, error);
      });
    checkImports(guest.name, shape.imports, guest.allowImports);
    const functions = functionsOf(guest, shape);
    if (!guest.binding) {
      for (const [name, signature] of shape.functions)
        if (!isCallable(signature)) uncallable.add(`${guest.name}.${name}`);
    }
    const index = guests.length;
    if (guest.binding || shape.mayTrapAtStart) starting.push(index);
    guests.push({
      name: guest.name,
      module,
      binding: guest.binding?.href,
      movedBytes,
      cappedMemories,
      functions,
      allowImports: guest.allowImports,
      given,
      importedMemory,
      instance: guest.instance,
      lendsArguments: guest.arguments === 'lent',
      state: statePlan(guest, functions, state),
    });
    functions.forEach((name, local) => {
      const qualified = `${guest.name}.${name}`;
      const signature = guest.binding ? undefined : shape.functions.get(name);
      // Names out of a guest's bytes never become metric names: only what the host has listed.
      seriesNames.push(guest.functions ? qualified : guest.name);
      unmeasured.push({
        id: table.length,
        name: qualified,
        signature,
        codec: signature ? codecOf(signature) : null,
        contained: shape.imports.length === 0 && guest.binding === undefined,
      });
      table.push(signature ? [index, local, signature] : [index, local]);
    });
    if (guest.state !== 'none') {
      const plan = {
        id: table.length,
        name: `${guest.name}.state`,
        signature: undefined,
        codec: null,
        contained: false,
      };
      stateful.push({ guest: guest.name, sha256: given.sha256, plan });
      table.push([index, functions.length]);
    }
  }
  return {
    guests,
    table,
    starting,
    uncallable,
    digest: guests.map((guest) => `${guest.name} ${guest.given.sha256}`).join(),
    states: (recorder) =>
      stateful.map(({ plan, ...guest }) => ({ ...guest, plan: { ...plan, series: recorder.series(plan.name) } })),
    plans: (recorder) =>
      new Map(
        unmeasured.map((plan, id) => [plan.name, { ...plan, series: recorder.series(seriesNames[id] as string) }]),
      ),
  };
}

/** What the binding of a guest offers that takes its own state. */
const ownState = ['snapshot', 'restore'] as const;

function statePlan(
  { state: use }: ResolvedGuest,
  functions: readonly string[],
  state: ModuleState | undefined,
): StatePlan | undefined {
  if (use === 'own') {
    const [snapshot, restore] = ownState.map((name) => functions.indexOf(name)) as [number, number];
    return { kind: 'own', snapshot, restore };
  }
  return state && { kind: 'memory', ...state };
}

function functionsOf(guest: ResolvedGuest, shape: ModuleShape): readonly string[] {
  if (guest.binding) return [...new Set([...(guest.functions ?? []), ...(guest.state === 'own' ? ownState : [])])];
  const callable = [...shape.functions].filter(([, signature]) => isCallable(signature)).map(([name]) => name);
  for (const name of guest.functions ?? []) {
    const signature = shape.functions.get(name);
    if (!signature) {
      const message = `${guest.name}: expected an exported function '${name}', got ${listed(callable)}`;
      throw refusal('ERR_SANDTUNE_EXPORT_MISSING', message);
    }
    if (!isCallable(signature)) {
      throw new SandtuneError(
        'ERR_SANDTUNE_OPTION',
        `${guest.name}.${name}: expected numbers only, got a signature with v128 or references; use a binding`,
      );
    }
  }
  if (guest.functions) return guest.functions;
  const characters = callable.reduce((sum, name) => sum + name.length, 0);
  if (callable.length <= mostUnlisted.functions && characters <= mostUnlisted.characters) return callable;
  const most = `at most ${mostUnlisted.functions} functions with names of ${mostUnlisted.characters} characters together`;
  throw new SandtuneError(
    'ERR_SANDTUNE_OPTION',
    `guests.${guest.name}.functions: expected the names of those that may be called, or a guest that exports ${most}, got ${callable.length} with ${characters}`,
  );
}

/** The names come from a guest's bytes, so there may be many of them, and long or odd ones. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const first = names.slice(0, 10).map(quoted).join(', ');
  return names.length <= 10 ? `only ${first}` : `only ${first} and ${names.length - 10} more`;
}

async function bytesOfModule({ name, module }: ResolvedGuest): Promise<Uint8Array> {
  if (module instanceof Uint8Array) return plainBytes(module);
  try {
    return await readFile(module);
  } catch (cause) {
    throw notWasm(`${name}: expected a readable module at ${module.href}, got ${messageOf(cause)}`, cause);
  }
}

/** The same error, saying which guest it is about, and which file where that is at fault. */
function inGuest({ name, module }: ResolvedGuest, error: unknown): unknown {
  if (!(error instanceof SandtuneError)) return error;
  const { code, message, cause, outcome, stage } = error;
  const file = code === 'ERR_SANDTUNE_NOT_WASM' && module instanceof URL ? ` (${fileURLToPath(module)})` : '';
  return new SandtuneError(code, `${name}${file}: ${message}`, {
    cause,
    ...(outcome && { outcome }),
    ...(stage && { stage }),
  });
}
