import fc from 'fast-check';
import { type Framing, fixed, lengthPrefixed, lines } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../support/refusal.ts';

interface Frame {
  readonly bytes: readonly number[];
  readonly frameBytes: number;
  readonly tooLong: boolean;
}

function framesOf(framing: Framing, pieces: readonly Uint8Array[], maxRecordBytes = 1 << 20): readonly Frame[] {
  const frames: Frame[] = [];
  const reader = framing.reader(maxRecordBytes);
  const take = (bytes: Uint8Array, frameBytes: number, tooLong: boolean) =>
    frames.push({ bytes: [...bytes], frameBytes, tooLong }) % 3 !== 0;
  for (const piece of pieces) for (let from = 0; from < piece.length; ) from = reader.push(piece, from, take);
  reader.end(take);
  return frames;
}

function encoded(framing: Framing, records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) => {
      const { before, after } = framing.around(record.length);
      return [before, record, after];
    }),
  );
}

/** Cut at the given places; equal ones make empty pieces. */
function cut(bytes: Uint8Array, at: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, i) => bytes.subarray(places[i], to));
}

const withoutLineFeed = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.map((byte) => (byte === 10 ? 11 : byte)));
const kinds: readonly (readonly [string, Framing, fc.Arbitrary<Uint8Array>])[] = [
  ['lines', lines(), withoutLineFeed],
  ['length before, big', lengthPrefixed(), fc.uint8Array({ maxLength: 40 })],
  ['length before, little', lengthPrefixed({ prefixBytes: 2, endian: 'little' }), fc.uint8Array({ maxLength: 400 })],
  ['fixed', fixed(7), fc.uint8Array({ minLength: 7, maxLength: 7 })],
];

describe.each(kinds)('records framed by %s', (_, framing, record) => {
  const stream = fc.record({ records: fc.array(record, { maxLength: 20 }), at: fc.array(fc.nat(), { maxLength: 30 }) });

  it('are the same wherever the pieces end', () => {
    fc.assert(
      fc.property(stream, ({ records, at }) => {
        const frames = framesOf(framing, cut(encoded(framing, records), at));
        expect(frames.map(({ bytes }) => bytes)).toEqual(records.map((one) => [...one]));
      }),
    );
  });

  it('take in the source what they and their frames have, so that a start finds the next one there', () => {
    fc.assert(
      fc.property(stream, fc.nat(), ({ records, at }, skip) => {
        const bytes = encoded(framing, records);
        const frames = framesOf(framing, cut(bytes, at));
        const first = skip % (records.length + 1);
        const from = frames.slice(0, first).reduce((sum, { frameBytes }) => sum + frameBytes, 0);
        expect(framesOf(framing, [bytes.subarray(from)])).toEqual(frames.slice(first));
      }),
    );
  });

  it('that are too long are told with their beginning, and never held', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 12 }), ({ records, at }, max) => {
        const pieces = cut(encoded(framing, records), at);
        const reader = framing.reader(max);
        let held = 0;
        for (const piece of pieces) {
          reader.push(piece, 0, () => true);
          held = Math.max(held, reader.heldBytes);
        }
        expect(held).toBeLessThanOrEqual(max);
        const frames = framesOf(framing, pieces, max);
        expect(frames.map(({ tooLong }) => tooLong)).toEqual(records.map(({ length }) => length > max));
        expect(frames.map(({ bytes }) => bytes)).toEqual(records.map((one) => [...one.subarray(0, max)]));
      }),
    );
  });
});

describe('framing', () => {
  it('takes what stands behind the last line feed as a record, and nothing as none', () => {
    const text = (given: string) =>
      framesOf(lines(), [Buffer.from(given)]).map(({ bytes }) => Buffer.from(bytes).toString());
    expect(text('a\r\n\nb')).toEqual(['a\r', '', 'b']);
    expect(text('a\n')).toEqual(['a']);
    expect(text('')).toEqual([]);
  });

  it('tells of a source that ends inside a record', () => {
    expect(refusalOf(() => framesOf(fixed(4), [Buffer.from('123456')]))).toBe(
      'ERR_SANDTUNE_FRAMING fixed(4): expected a multiple of 4 bytes, got 2 at the end',
    );
    expect(refusalOf(() => framesOf(lengthPrefixed(), [Uint8Array.of(0, 0, 0, 9, 1)]))).toBe(
      'ERR_SANDTUNE_FRAMING lengthPrefixed(): expected a whole record at the end, got 1 of 9 bytes',
    );
    expect(refusalOf(() => framesOf(lengthPrefixed(), [Uint8Array.of(0, 0)]))).toBe(
      'ERR_SANDTUNE_FRAMING lengthPrefixed(): expected a whole record at the end, got 2 of the 4 bytes of a length',
    );
  });

  it('passes over a record of a length that nobody could hold', () => {
    const reader = lengthPrefixed().reader(1024);
    const seen: [number, number, boolean][] = [];
    const take = (bytes: Uint8Array, frameBytes: number, tooLong: boolean) =>
      seen.push([bytes.length, frameBytes, tooLong]) > 0;
    reader.push(Uint8Array.of(0x40, 0, 0, 0), 0, take);
    const piece = new Uint8Array(1 << 20);
    for (let i = 0; i < 1024; i++) {
      reader.push(piece, 0, take);
      expect(reader.heldBytes).toBeLessThanOrEqual(1024);
    }
    reader.push(Uint8Array.of(0, 0, 0, 1, 7), 0, take);
    reader.end(take);
    expect(seen).toEqual([
      [1024, 2 ** 30 + 4, true],
      [1, 5, false],
    ]);
  });

  it('refuses options out of their range', () => {
    expect(refusalOf(() => fixed(0))).toMatch(/^ERR_SANDTUNE_OPTION fixed\(\): recordBytes/);
    expect(refusalOf(() => lines({ delimiter: 256 }))).toMatch(/^ERR_SANDTUNE_OPTION delimiter/);
    expect(refusalOf(() => lengthPrefixed({ prefixBytes: 3 as 4 }))).toMatch(/^ERR_SANDTUNE_OPTION prefixBytes/);
    expect(refusalOf(() => lengthPrefixed({ prefixBytes: 1 }).around(256))).toMatch(/^ERR_SANDTUNE_FRAMING/);
  });
});
