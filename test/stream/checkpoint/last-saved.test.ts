import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLastSaved, writeLastSaved } from '../../../src/stream/checkpoint/last-saved.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('says what was saved last, and of anything else that stands there nothing', () => {
  const path = join(temporaryFolder(), 'job.last');
  expect(readLastSaved(path)).toBeNull();
  writeLastSaved(path, { run: 1, saved: null });
  expect(readLastSaved(path)).toEqual({ run: 1, saved: null });
  const last = { run: 3, saved: { fencingToken: 2, epoch: 17 } };
  writeLastSaved(path, last);
  expect(readLastSaved(path)).toEqual(last);
  const line = readFileSync(path);
  for (let at = 0; at < line.length - 1; at++) {
    const flipped = Uint8Array.from(line);
    flipped[at] = (flipped[at] as number) ^ 1;
    writeFileSync(path, flipped);
    expect(readLastSaved(path)).toBeNull();
    writeFileSync(path, line.subarray(0, at));
    expect(readLastSaved(path)).toBeNull();
  }
});

it('where it cannot be written nothing is thrown', () => {
  expect(() => writeLastSaved(join(temporaryFolder(), 'no', 'such'), { run: 1, saved: null })).not.toThrow();
});
