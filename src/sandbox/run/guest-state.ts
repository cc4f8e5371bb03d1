/**
 * The state of one instance, taken and put back in its worker, as two functions beside those of its guest. They
 * are called as these are, one after the other, so that no call of the guest is on the stack meanwhile.
 *
 *   state()        ─▶ memories (into memory that is shared, and so not copied again), globals, or what its own
 *                     snapshot() gives
 *   state(before)  ─▶ memories grown and overwritten, globals set, or its own restore(bytes); nothing is taken
 */
import { isUint8Array } from 'node:util/types';
import { byteLengthOf } from '../../foundation/bytes.ts';
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import { type ModuleState, stateError } from '../module/module-state.ts';
import type { GuestCallable } from './instance.ts';
import type { InstanceState, StatePlan, TakenState } from './instance-state.ts';

const pageBytes = 65_536;

/** @param instances made in this worker, this one included */
export function stateFunction(
  plan: StatePlan,
  exports: WebAssembly.Exports,
  callables: readonly GuestCallable[],
  instances: number,
): GuestCallable {
  return (before) => {
    if (!before) return { ...taken(plan, exports, callables), instances } satisfies TakenState;
    putBack(plan, exports, callables, before as InstanceState);
    return { memories: [], globals: [], snapshot: null, instances } satisfies TakenState;
  };
}

function taken(plan: StatePlan, exports: WebAssembly.Exports, callables: readonly GuestCallable[]): InstanceState {
  if (plan.kind === 'own') {
    const snapshot = callables[plan.snapshot]?.();
    if (!isUint8Array(snapshot)) throw stateError(`expected snapshot() to return a Uint8Array, got ${typeof snapshot}`);
    return { memories: [], globals: [], snapshot: sharedCopy(snapshot) };
  }
  const memories = plan.memories.map((name) => {
    const bytes = sharedCopy(new Uint8Array((exports[name] as WebAssembly.Memory).buffer));
    return { name, pages: bytes.length / pageBytes, bytes };
  });
  const globals = plan.globals.map(({ name, type }) => ({ name, type, value: textOf(type, valueOf(exports, name)) }));
  return { memories, globals, snapshot: null };
}

function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(byteLengthOf.call(bytes)));
  copy.set(bytes);
  return copy;
}

/** All is checked before anything is changed. */
function putBack(
  plan: StatePlan,
  exports: WebAssembly.Exports,
  callables: readonly GuestCallable[],
  before: InstanceState,
): void {
  if (plan.kind === 'own') {
    if (before.snapshot === null) throw stateError('expected what snapshot() gave, got memories and globals');
    callables[plan.restore]?.(copyOfBytes(before.snapshot));
    return;
  }
  checkFits(plan, before);
  for (const { name, pages, bytes } of before.memories) {
    const memory = exports[name] as WebAssembly.Memory;
    const more = pages - memory.buffer.byteLength / pageBytes;
    if (more < 0)
      throw stateError(
        `expected an instance whose '${name}' has at most ${pages} pages, got one that has grown: restore before the first call`,
      );
    if (more > 0) growBy(memory, more);
    new Uint8Array(memory.buffer).set(bytes);
  }
  for (const { name, type, value } of before.globals) setValue(exports, name, valueIn(type, value));
}

function checkFits(plan: ModuleState, { memories, globals }: InstanceState): void {
  const got = namesOf(
    memories.map(({ name }) => name),
    globals,
  );
  const wanted = namesOf(plan.memories, plan.globals);
  if (got !== wanted) throw stateError(`expected the state of this module (${wanted}), got that of another (${got})`);
}

function namesOf(memories: readonly string[], globals: InstanceState['globals'] | ModuleState['globals']): string {
  return [...memories, ...globals.map(({ name, type }) => `${name} ${type}`)].sort().join(', ') || 'none';
}

/** Addresses of 64 bits grow by a bigint. */
function growBy(memory: WebAssembly.Memory, pages: number): void {
  try {
    memory.grow(pages);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    (memory as unknown as { grow(pages: bigint): bigint }).grow(BigInt(pages));
  }
}

function valueOf(exports: WebAssembly.Exports, name: string): unknown {
  return (exports[name] as unknown as WebAssembly.Global).value;
}

function setValue(exports: WebAssembly.Exports, name: string, value: number | bigint): void {
  (exports[name] as unknown as { value: number | bigint }).value = value;
}

const scratch = new DataView(new ArrayBuffer(8));

/** A NaN has many bit patterns, and text has one; JavaScript keeps the pattern of none, which is a NaN still. */
function textOf(type: string, value: unknown): string {
  if (type !== 'f32' && type !== 'f64') return String(value);
  scratch.setFloat64(0, value as number);
  return scratch.getBigUint64(0).toString(16);
}

function valueIn(type: string, text: string): number | bigint {
  if (type === 'i64') return BigInt(text);
  if (type === 'i32') return Number(text);
  scratch.setBigUint64(0, BigInt(`0x${text}`));
  return scratch.getFloat64(0);
}
