/**
 * Imports the programs that its arguments name, and prints for each what its executors stand at and the diff
 * that puts their concurrency, or else their batch size, to 6. With `--rewrite`, each file is written anew before that, as by an editor.
 */
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { patchLines, patchLineText } from '../../../exporters/words/patch-lines.ts';
import type { Executor } from '../../../src/contracts.ts';
import { madeAt } from '../../../src/executor/made-at.ts';
import { inSource } from '../../../tuner/patches/in-source.ts';
import { patchOf } from '../../../tuner/shell/held-knob.ts';

const files = process.argv.slice(2).filter((one) => one !== '--rewrite');
const printed: Record<string, { readonly standing: unknown[]; readonly diff: string }> = {};
for (const file of files) {
  const made = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  if (process.argv.includes('--rewrite')) appendFileSync(file, '\n');
  const knobs = ['other', 'executor'].flatMap((name) => {
    const executor = made[name] as Executor | undefined;
    const knob = ['concurrency', 'batchSize'].flatMap((id) => executor?.knobs.filter((one) => one.id === id) ?? [])[0];
    return executor && knob ? [{ executor, knob }] : [];
  });
  printed[file] = {
    standing: knobs.map(({ knob }) => knob.read().effective),
    diff: knobs
      .map(({ executor, knob }) => patchLines(inSource(madeAt(executor), [{ knob: knob.id, patch: patchOf(knob, 6) }])))
      .map((lines) => `${lines.map(patchLineText).join('\n')}\n`)
      .join(''),
  };
  for (const { executor } of knobs) await executor.close();
}
console.log(JSON.stringify(printed));
