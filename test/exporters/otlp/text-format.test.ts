import { describe, expect, it } from 'vitest';
import { parseTextFormat } from './text-format.ts';

describe('reading what protoc prints', () => {
  it("the reader of protoc's output reads nested and repeated fields, bytes, unknown fields", () => {
    const message = parseTextFormat(
      'a { name: "x\\303\\274\\n\\"" kind: KIND_X n: 17 }\na { 16: 0x00000101 ok: true v: -1.5e-3 }\n',
    );
    expect(message).toEqual({
      a: [
        { name: [Buffer.from('xü\n"')], kind: ['KIND_X'], n: ['17'] },
        { '16': ['0x00000101'], ok: ['true'], v: ['-1.5e-3'] },
      ],
    });
  });

  it("the reader of protoc's output refuses what is not text format", () => {
    for (const bad of ['a {', 'a: }', '}', '{ }', 'a ?']) expect(() => parseTextFormat(bad)).toThrow();
  });
});
