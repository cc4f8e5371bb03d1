import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, cut, cutMiddle, displayWidth, pad, wrapSpans } from '../../../../exporters/terminal/live/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.lorem({ maxCount: 20 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const joined = (lines: ReturnType<typeof wrapSpans>) => lines.map((line) => line.map((span) => span.text).join(''));

describe('text in columns', () => {
  it('displayWidth knows wide, combining and joined characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('批量')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👩‍👩‍👧‍👦')).toBe(2);
    expect(displayWidth('▁█┃ →±µ')).toBe(7);
  });

  it('cutMiddle fills the columns it is given at most, and shows both ends of what does not fit', () => {
    expect(cutMiddle('the-service-of-orders', 11)).toBe('the-s…rders');
    expect(cutMiddle('批量大小-a', 7)).toBe('批…小-a');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 130 }), (given, columns) => {
        const [text, short] = [clean(given), cutMiddle(clean(given), columns)];
        expect(displayWidth(short)).toBeLessThanOrEqual(columns);
        expect(short === text).toBe(displayWidth(text) <= columns);
      }),
    );
  });

  it('wrapSpans wraps to the columns it is given', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 80 }), (text, columns) => {
        for (const line of joined(wrapSpans([{ text }], columns)))
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('wrapSpans loses nothing but spaces and control characters', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 80 }), (text, columns) => {
        const bare = (value: string) => value.replaceAll(' ', '');
        expect(bare(joined(wrapSpans([{ text }], columns)).join(''))).toBe(bare(clean(text)));
      }),
    );
  });

  it('wrapSpans shows the beginning of a text that would fill the screen many times, and says that there is more', () => {
    const lines = joined(wrapSpans([{ text: 'é'.repeat(1_000_000) }, { text: 'end' }], 80));
    expect(lines.length).toBeLessThan(40);
    expect(lines.join('')).toMatch(/^é+…end$/);
  });

  it('wrapSpans keeps a number and its unit on one line', () => {
    expect(joined(wrapSpans([{ text: 'it rests for 120 s, at 1 simple call of 3 ms' }], 16))).toEqual([
      'it rests for',
      '120 s, at 1',
      'simple call of',
      '3 ms',
    ]);
    expect(joined(wrapSpans([{ text: 'at most +5.0 % of it' }], 13))).toEqual(['at most', '+5.0 % of it']);
  });

  it('wrapSpans keeps styles', () => {
    expect(wrapSpans([{ text: 'one ' }, { text: 'two', style: 'bold' }], 4)).toEqual([
      [{ text: 'one' }],
      [{ text: 'two', style: 'bold' }],
    ]);
  });

  it('cut keeps to the columns it is given and says that it cut', () => {
    expect(cut('batchSize', 6)).toBe('batch…');
    expect(cut('批量大小', 4)).toBe('批…');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, columns) => {
        expect(displayWidth(cut(clean(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('pad counts columns, not code units', () => {
    expect(pad('批', 4)).toBe('批  ');
    expect(pad('7', 3, 'right')).toBe('  7');
  });
});
