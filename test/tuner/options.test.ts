import { describe, expect, test } from 'vitest';
import { expertDefaults, expertKeys } from '../../tuner/expert-options.ts';
import { type Mode, modes } from '../../tuner/mode.ts';
import { resolveTuneOptions, type TuneOptions, tuneDefaults } from '../../tuner/options.ts';
import { refusalOf } from '../support/refusal.ts';

const refusal = (options: object) => refusalOf(() => resolveTuneOptions(options as TuneOptions));

describe('the options of tune()', () => {
  test('options of tune() that are left out have their defaults, those of experts among them, without levels', () => {
    const { options } = resolveTuneOptions({
      expert: { windowMs: undefined },
      surroundings: { environment: {} },
    } as object);
    const { expert, ...top } = tuneDefaults;
    expect(options).toEqual({ ...top, ...expert, stateDir: '.sandtune', seed: expect.any(Number) });
  });

  test("options under 'expert' are taken, and all others have their defaults", () => {
    const { options } = resolveTuneOptions({ expert: { noisePairs: 3 } });
    expect(options).toMatchObject({ ...expertDefaults, noisePairs: 3 });
  });

  test.each(expertKeys)('tune() refuses %s at the top and says where it belongs', (key) => {
    expect(refusal({ [key]: 12 })).toBe(
      `ERR_SANDTUNE_OPTION tune(): expected '${key}' under expert, as { expert: { ${key}: 12 } }, got it beside the other options`,
    );
  });

  test.each([
    [{ expert: 5 }, 'expert: expected an object of options, got 5'],
    [{ expert: { mode: 'auto' } }, "expert: no option 'mode'; expected alpha, "],
    [{ expert: { noisePairs: -1 } }, 'expert.noisePairs: expected an integer of at least 0, got -1'],
    [{ expert: { alpha: 0.5 } }, 'expert.alpha: expected a number from 0.0001 to 0.1, got 0.5'],
    [{ maxDurationMs: 1 }, 'maxDurationMs: expected a number of at least 1000, got 1'],
    [{ laod: 1 }, "tune(): no option 'laod'; expected maximize, minimize, sloMs, subjectTo, mode, "],
    [{ mode: 'auto', revertAt: 0 }, 'revertAt: expected below 0 in mode auto'],
  ])('tune() refuses the options %j with what was expected and what came', (options, message) => {
    expect(refusal(options)).toContain(`ERR_SANDTUNE_OPTION ${message}`);
  });

  const modeWith = (variable: string, mode: Mode) =>
    resolveTuneOptions({ mode, surroundings: { environment: { SANDTUNE_MODE: variable } } }).options.mode;

  test.each(modes)('the variable SANDTUNE_MODE=%s is the highest mode there is, and raises none', (ceiling) => {
    const rung = modes.indexOf(ceiling);
    expect(modes.map((mode) => modeWith(ceiling, mode))).toEqual(modes.map((_, at) => modes[Math.min(at, rung)]));
  });

  test.each(['OFF', ' off', 'off\n', 'Off'])(
    'the variable SANDTUNE_MODE is read in any case, without spaces: %j',
    (given) => {
      expect(modeWith(given, 'auto')).toBe('off');
      expect(
        resolveTuneOptions({ surroundings: { environment: { SANDTUNE_MODE: given } } }).ceiling.misread,
      ).toBeNull();
    },
  );

  test.each(['0', 'false', 'no', 'disabled', 'nonsense', 'auto!', 'x'.repeat(1000)])(
    'the variable SANDTUNE_MODE=%s, which is no mode, switches tuning off and is quoted in short',
    (given) => {
      expect(modeWith(given, 'auto')).toBe('off');
      const { misread } = resolveTuneOptions({ surroundings: { environment: { SANDTUNE_MODE: given } } }).ceiling;
      expect(misread).toContain(`got "${given.slice(0, 70)}`);
      expect(misread?.length).toBeLessThan(250);
    },
  );

  test.each(['', '  '])('an empty SANDTUNE_MODE (%j) says nothing', (given) => {
    expect(modeWith(given, 'auto')).toBe('auto');
  });
});
