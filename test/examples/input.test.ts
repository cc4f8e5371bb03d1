import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Corpus,
  corpusDefaults,
  createMix,
  lexFraction,
  loadCorpus,
  maxFileBytes,
  rankedFunctions,
} from '../../examples/demo/workload.ts';

const dir = mkdtempSync(join(tmpdir(), 'sandtune-corpus-'));
const few = { dir, minFiles: 1, minBytes: 1 };

beforeAll(() => {
  mkdirSync(join(dir, 'b', '.git'), { recursive: true });
  writeFileSync(join(dir, 'z.md'), '# text\n');
  writeFileSync(join(dir, 'a.js'), 'export {};\n');
  writeFileSync(join(dir, 'b', 'long.js'), 'x'.repeat(maxFileBytes + 1));
  writeFileSync(join(dir, 'b', 'exact.mjs'), 'y'.repeat(maxFileBytes));
  writeFileSync(join(dir, 'b', 'empty.ts'), '');
  writeFileSync(join(dir, 'b', 'picture.png'), 'not text');
  writeFileSync(join(dir, 'b', '.git', 'hook.txt'), 'not input');
  symlinkSync(dir, join(dir, 'b', 'round'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('loadCorpus', () => {
  it('loadCorpus reads the files of the wanted kinds in a fixed order, cut to 64 KiB, without links and .git', async () => {
    const corpus = await loadCorpus(few);
    expect(corpus.files.map(({ path }) => path)).toEqual(['a.js', 'b/exact.mjs', 'b/long.js', 'z.md']);
    expect(corpus.files.map(({ bytes }) => bytes.length)).toEqual([11, maxFileBytes, maxFileBytes, 7]);
    expect(corpus).toMatchObject({ cutCount: 1, foundCount: 5, totalBytes: 18 + 2 * maxFileBytes });
  });

  it('loadCorpus lexes whole JavaScript files only', async () => {
    const corpus = await loadCorpus(few);
    expect(corpus.scripts.map(({ path }) => path)).toEqual(['a.js', 'b/exact.mjs']);
  });

  it('loadCorpus gives every file a buffer of its own size, so that a clone copies no more', async () => {
    for (const { bytes } of (await loadCorpus(few)).files) expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it('loadCorpus thins out evenly when there are more files than wanted', async () => {
    const all = await loadCorpus({ minFiles: 1, minBytes: 1, maxFiles: 1e6 });
    const some = await loadCorpus({ minFiles: 1, minBytes: 1, maxFiles: 10 });
    expect(some.files.length).toBeGreaterThan(5);
    expect(all.files.findIndex(({ path }) => path === some.files.at(-1)?.path)).toBeGreaterThan(all.files.length * 0.8);
  });

  it('loadCorpus names the minimum when there is too little', async () => {
    await expect(loadCorpus({ dir })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_INPUT',
      message: expect.stringMatching(
        new RegExp(`at least ${corpusDefaults.minFiles} files .*1024 KiB.*got 4 files with 128 KiB.*--dir`),
      ),
    });
    await expect(loadCorpus({ ...few, minBytes: 1e6 })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_INPUT' });
  });

  it('loadCorpus names the folder that cannot be read', async () => {
    await expect(loadCorpus({ dir: join(dir, 'none') })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_INPUT',
      message: expect.stringContaining(join(dir, 'none')),
    });
  });
});

describe('createMix', () => {
  let corpus: Corpus;
  beforeAll(async () => {
    corpus = await loadCorpus({ maxFiles: 300 });
  });

  const names = (seed: number): string[] => createMix(corpus, seed).schedule.map((call) => call.function);

  it('createMix gives the same calls for the same seed and others for another', () => {
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
  });

  it('createMix lexes one call in seven and draws the others with weights 1/rank', () => {
    const harmonic = rankedFunctions.reduce((sum, _, index) => sum + 1 / (index + 1), 0);
    const expectShare = (of: string[], name: string, share: number): void => {
      const count = of.filter((one) => one === name).length;
      // 5 sigma of a binomial: the seeds are fixed, so this holds always or never.
      expect(Math.abs(count - of.length * share), name).toBeLessThan(5 * Math.sqrt(of.length * share * (1 - share)));
    };
    const drawn = [1, 2, 3, 4].flatMap(names);
    expectShare(drawn, 'lexer.lex', lexFraction);
    rankedFunctions.forEach((name, index) => expectShare(drawn, name, (1 - lexFraction) / harmonic / (index + 1)));
  });

  it('createMix gives its schedule over and over, without making anything', () => {
    const mix = createMix(corpus, 1);
    for (let round = 0; round < 2; round++) {
      for (const call of mix.schedule) if (mix.nextCall() !== call) throw new Error('not the call of the schedule');
    }
  });

  it('createMix lexes scripts only', () => {
    const scripts = new Set(corpus.scripts.map(({ bytes }) => bytes));
    const lexed = createMix(corpus, 3).schedule.filter((call) => call.function === 'lexer.lex');
    expect(lexed.every(({ args }) => scripts.has(args[0]))).toBe(true);
  });
});
