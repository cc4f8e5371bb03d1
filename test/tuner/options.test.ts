import { describe, expect, test } from 'vitest';
import { expertDefaults, expertKeys } from '../../tuner/expert-options.ts';
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

  test('the options of tune() are overruled by SANDTUNE_MODE=off', () => {
    const surroundings = { environment: { SANDTUNE_MODE: 'off' } };
    expect(resolveTuneOptions({ mode: 'auto', surroundings }).options.mode).toBe('off');
  });
});
