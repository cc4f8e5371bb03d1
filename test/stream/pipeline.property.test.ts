import fc from 'fast-check';
import { measured } from 'sandtune';
import { pipeline, type RecordBatch } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { bytes, jitter, numbers, sinkOf, takeAll, textOf } from './stream-support.ts';

/** What a stage of the property does with a record, by its number: nothing, one result, or several. */
const effects = fc.constantFrom('pass' as const, 'drop-every-5th' as const, 'twice' as const, 'twice-or-none' as const);

function outputsOf(effect: string, text: string): string[] {
  if (effect === 'pass') return [`${text}p`];
  if (effect === 'drop-every-5th') return Number.parseInt(text, 10) % 5 === 0 ? [] : [`${text}d`];
  if (effect === 'twice') return [`${text}1`, `${text}2`];
  return text.endsWith('1') ? [] : [`${text}x`, `${text}y`];
}

it('gives what the stages one behind the other give, in order, whatever they drop, multiply, fail and take', async () => {
  const shape = fc.record({
    seed: fc.nat(),
    effects: fc.array(effects, { minLength: 1, maxLength: 4 }),
    takes: fc.constantFrom('record' as const, 'batch' as const),
    bufferRecords: fc.integer({ min: 1, max: 20 }),
    batchRecords: fc.integer({ min: 1, max: 9 }),
    skips: fc.boolean(),
  });
  const property = fc.asyncProperty(
    shape,
    async ({ seed, effects: all, takes, bufferRecords, batchRecords, skips }) => {
      const wait = jitter(seed);
      const failed = new Set<string>();
      const isBad = (text: string) => skips && Number.parseInt(text, 10) % 7 === 3 && /[12p]$/.test(text);
      const stages = all.map((effect, index) => {
        const one = (text: string) => {
          if (isBad(text)) throw new Error('bad');
          return outputsOf(effect, text);
        };
        const once = (text: string) => {
          const key = `${index} ${text}`;
          if (Number.parseInt(text, 10) % 4 !== 1 || failed.has(key)) return;
          failed.add(key);
          throw new Error('once');
        };
        if (takes === 'record' || effect !== 'pass')
          return {
            name: `s${index}`,
            takes: 'record' as const,
            executor: measured({
              name: `s${index}`,
              run: async (given: Uint8Array) => {
                await wait();
                once(textOf(given));
                return one(textOf(given)).map(bytes);
              },
            }),
          };
        return {
          name: `s${index}`,
          takes,
          batchRecords,
          executor: measured({
            name: `s${index}`,
            run: async ({ bytes: given, ends }: RecordBatch) => {
              await wait();
              const texts = [...ends].map((end, i) => textOf(given.subarray(ends[i - 1] ?? 0, end)));
              for (const text of texts) once(text);
              const outputs = texts.map((text) => bytes(one(text)[0] as string));
              return {
                bytes: Buffer.concat(outputs),
                ends: Uint32Array.from(outputs.map((_, i) => Buffer.concat(outputs.slice(0, i + 1)).length)),
              };
            },
          }),
        };
      });
      const isLost = (text: string) => {
        let texts = [text];
        for (const effect of all) {
          if (texts.some(isBad)) return true;
          texts = texts.flatMap((one) => outputsOf(effect, one));
        }
        return false;
      };
      const expected = numbers(40)
        .filter((text) => !isLost(text))
        .flatMap((text) => all.reduce((texts, effect) => texts.flatMap((one) => outputsOf(effect, one)), [text]));
      const got: string[] = [];
      const stream = pipeline(stages, {
        bufferRecords,
        maxConcurrency: 3,
        onFailed: { retries: 1, backoffMs: 0, then: 'skip' },
      });
      const done = await stream.run(numbers(40), sinkOf(takeAll(got)));
      expect(got).toEqual(expected);
      expect(done.peakRecords).toBeLessThanOrEqual(bufferRecords);
      expect(done.delivered + done.skipped).toBe(40);
      expect(done.skipped).toBe(numbers(40).filter(isLost).length);
      for (const stage of done.stages)
        expect(stage.busyFraction + stage.starvedFraction + stage.blockedFraction).toBeCloseTo(1, 9);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});
