/** What a WASI guest is given to see, checked where the host hands it over. */
import { checkOneOf, expected, notRead, reading, refuseOtherKeys } from '../../foundation/options.ts';

export interface WasiInput {
  /** What follows the program's name. @defaultValue [] */
  readonly args?: readonly string[];
  /** @defaultValue {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @defaultValue nothing */
  readonly stdin?: string | Uint8Array;
  /** Path → content of the files the guest finds under `/`, which it may change. @defaultValue none */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export interface WasiOptions extends WasiInput {
  /** args[0] of the guest. @defaultValue 'guest' */
  readonly program?: string;
  /** Whether what the guest wrote is given as text or as bytes. @defaultValue 'text' */
  readonly output?: 'text' | 'bytes';
}

const parts = '{ args?, env?, stdin?, files? }';
const inputKeys = ['args', 'env', 'stdin', 'files'];

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function checkInput(where: string, input: unknown): WasiInput {
  return checkParts(where, input, inputKeys);
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function checkWasiOptions(where: string, options: unknown): WasiOptions {
  return reading(where, parts, options, () => readWasiOptions(where, options));
}

function readWasiOptions(where: string, options: unknown): WasiOptions {
  const checked: WasiOptions = checkParts(where, options, [...inputKeys, 'program', 'output']);
  if (checked.program !== undefined) checkString(`${where}.program`, checked.program);
  if (checked.output !== undefined) checkOneOf(`${where}.output`, checked.output, ['text', 'bytes']);
  return checked;
}

/** Once a call: nothing of the input is read twice here, and nothing is made of it. */
function checkParts(where: string, input: unknown, keys: readonly string[]): WasiInput {
  try {
    return checkReadParts(where, input, keys);
  } catch (thrown) {
    throw notRead(where, parts, input, thrown);
  }
}

function checkReadParts(where: string, input: unknown, keys: readonly string[]): WasiInput {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || ArrayBuffer.isView(input))
    throw expected(where, parts, input);
  refuseOtherKeys(where, input, keys);
  const { args, env, stdin, files } = input as WasiInput;
  if (args !== undefined) {
    if (!Array.isArray(args)) throw expected(`${where}.args`, 'a list of texts', args);
    for (const [index, one] of args.entries()) checkString(`${where}.args[${index}]`, one);
  }
  for (const [name, value] of entriesOf(`${where}.env`, env)) {
    checkString(`${where}.env`, name);
    checkString(`${where}.env.${name}`, value);
  }
  if (stdin !== undefined) checkContent(`${where}.stdin`, stdin);
  for (const [path, content] of entriesOf(`${where}.files`, files)) checkContent(`${where}.files['${path}']`, content);
  return input;
}

function entriesOf(where: string, given: unknown): readonly (readonly [string, unknown])[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given))
    throw expected(where, 'an object', given);
  return Object.entries(given);
}

/** A guest reads such a text up to its first zero. */
function checkString(where: string, value: unknown): void {
  if (typeof value !== 'string' || value.includes('\0')) throw expected(where, 'a text without zeros', value);
}

function checkContent(where: string, value: unknown): void {
  if (typeof value !== 'string' && !(value instanceof Uint8Array))
    throw expected(where, 'a text or a Uint8Array', value);
}
