import { describe, expect, it } from 'vitest';
import { painter, wantsColor } from '../../../../exporters/terminal/live/paint.ts';

describe('colour', () => {
  it('colour needs a terminal, no NO_COLOR and a terminal that can show it', () => {
    expect(wantsColor(true, {})).toBe(true);
    expect(wantsColor(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColor(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColor(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColor(false, {})).toBe(false);
  });

  it('colour is switched off again behind each text', () => {
    expect(painter(true)('x', 'good')).toBe('\u001b[32mx\u001b[39m');
    expect(painter(false)('x', 'good')).toBe('x');
  });
});
