/**
 * Reads what `protoc --decode` prints (protobuf text format) into plain objects: every field is an
 * array, bytes and strings are Buffers of the raw bytes, all else is text. Unknown fields have their
 * number as a name.
 *
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */

export type Value = Buffer | string | Message;
export interface Message {
  readonly [field: string]: Value[];
}

const field = /\s*(?:(?<close>\})|(?<name>[A-Za-z_0-9]+)(?::(?<scalar>)|\s*\{))/y;
const scalar = /\s*(?:"(?<text>(?:[^"\\]|\\.)*)"|(?<word>[-+.\w]+))/y;

/** @throws when it is not text format */
export function parseTextFormat(text: string): Message {
  const [message, end] = readMessage(text, 0, false);
  if (text.slice(end).trim() !== '') throw new Error(`expected text format, got ${text.slice(end, end + 60)}`);
  return message;
}

function readMessage(text: string, from: number, nested: boolean): [Message, number] {
  const message: Record<string, Value[]> = {};
  let at = from;
  for (;;) {
    const found = read(field, text, at);
    if (!found || found['close'] !== undefined) {
      if (nested !== Boolean(found))
        throw new Error(`expected ${nested ? '}' : 'a field'}, got ${text.slice(at, at + 60)}`);
      return [message, found ? field.lastIndex : at];
    }
    at = field.lastIndex;
    const [value, after] = found['scalar'] === undefined ? readMessage(text, at, true) : readScalar(text, at);
    (message[found['name'] ?? ''] ??= []).push(value);
    at = after;
  }
}

function readScalar(text: string, from: number): [Value, number] {
  const found = read(scalar, text, from);
  const value = found?.['text'] === undefined ? found?.['word'] : unescape(found['text']);
  if (value === undefined) throw new Error(`expected a value, got ${text.slice(from, from + 60)}`);
  return [value, scalar.lastIndex];
}

function read(pattern: RegExp, text: string, at: number): Record<string, string | undefined> | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.groups;
}

const named: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, '"': 34, "'": 39, '\\': 92 };

/** protoc escapes every byte that is not printable ASCII, so the bytes come back exactly. */
function unescape(quoted: string): Buffer {
  const bytes: number[] = [];
  for (const [part, octal, letter] of quoted.matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(named[letter] ?? letter.charCodeAt(0));
    else bytes.push(...Buffer.from(part));
  }
  return Buffer.from(bytes);
}
