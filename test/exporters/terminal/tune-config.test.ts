import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { wrap } from '../../../src/adapters/wrap.ts';
import { checkTuneConfig, defineConfig } from '../../../tuner/config.ts';
import { refusalOf } from '../../support/refusal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune } from './command.ts';

const executor = wrap(async (input: number) => input);

const refusal = (given: unknown) => refusalOf(() => checkTuneConfig('config a.mts', given));

describe('the config of sandtune tune', () => {
  it('a config is an executor with, if wanted, a load and options', () => {
    expect(refusal({ executor })).toBe('accepted');
    expect(refusal({ executor, load: async () => {}, options: { mode: 'advise' } })).toBe('accepted');
    const config = { executor, load: async (run: typeof executor.run) => void (await run(1)) };
    expect(defineConfig(config)).toBe(config);
    expect(defineConfig(() => config)()).toBe(config);
  });

  it('defineConfig() knows the types of what a load is given by those of the executor', async () => {
    const { load } = defineConfig({
      executor,
      load: async (run, signal) => {
        const doubled: number = await run(21, { signal });
        // @ts-expect-error: the executor takes numbers
        await run(String(doubled)).catch(() => {});
      },
    });
    await load?.(executor.run.bind(executor), AbortSignal.timeout(10_000));
    const make = defineConfig(async () => ({ executor, load: async (run) => void (await run(1)) }));
    expect((await make()).executor).toBe(executor);
  });

  it('defineConfig() refuses where it is written what the command would refuse', () => {
    expect(refusalOf(() => defineConfig({ executor: {} } as never))).toContain(
      'defineConfig(): executor: expected one',
    );
  });

  it.each([
    ['nothing in it', undefined, 'got undefined'],
    ['a string', 'x', `got "x"`],
    ['a promise', Promise.resolve({ executor }), 'got a Promise'],
    [
      'an unknown key',
      { executor, laod: 1 },
      "no option 'laod'; expected executor, load, options; did you mean 'load'?",
    ],
    ['no executor', {}, 'executor: expected one made by wrap(), createSandbox() or measured(), got undefined'],
    ['a bare pool', { executor: { run() {} } }, 'which has no openWindow()'],
    [
      'a load that is no function',
      { executor, load: 5 },
      'load: expected a function (run, signal) => Promise<void>, got 5',
    ],
    ['options that are no object', { executor, options: [] }, 'options: expected an object'],
  ])('a config with %s is refused with what was expected', (_, given, message) => {
    expect(refusal(given)).toContain('ERR_SANDTUNE_OPTION config a.mts: ');
    expect(refusal(given)).toContain(message);
  });

  it('a config that is missing, cannot be loaded, or asks for what tune() refuses makes the command exit with 2', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'configs'));
    const fixture = new URL('./small-config-fixture.mts', import.meta.url).pathname;
    writeFileSync(join(folder, 'configs/broken.mts'), 'export default {');
    writeFileSync(join(folder, 'configs/empty.mts'), 'export {};');
    writeFileSync(
      join(folder, 'configs/throws.mts'),
      `export default async () => { throw new Error('no database'); };`,
    );
    writeFileSync(
      join(folder, 'configs/alpha.mts'),
      `import config from ${JSON.stringify(fixture)};\nexport default () => ({ ...config, options: { expert: { alpha: 2 } } });`,
    );
    const expected = {
      'missing.mts': /no such file/,
      'empty.mts': /expected a default export, made by defineConfig/,
      'broken.mts': /config .*broken\.mts: /,
      'throws.mts': /no database/,
      'alpha.mts': /expert\.alpha: expected a number from/,
    };
    for (const [file, message] of Object.entries(expected)) {
      const { code, stdout, stderr } = await sandtune(folder, ['tune', join('configs', file)]);
      expect({ file, code, stdout }).toEqual({ file, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  }, 60_000);
});
