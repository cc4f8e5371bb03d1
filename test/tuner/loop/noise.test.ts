import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { recordsOf, tunedWorld } from '../../support/tuned-world.ts';

const betterAtEight = ({ size }: { readonly size?: unknown }) => (Number(size) === 8 ? 15_000 : 10_000);

test('no setting runs against itself before a candidate has had its trial, but it does before the first rest', async () => {
  const { tuner } = tunedWorld({ rate: betterAtEight });
  await tuner.propose({ size: 8 });
  await tuner.settled();
  expect(recordsOf(tuner, 'trial').map(({ purpose }) => purpose)).toEqual(['candidate', 'hold-back', 'a/a']);
  expect(recordsOf(tuner, 'noise')).toHaveLength(1);
  expect(recordsOf(tuner, 'not-tried')).toHaveLength(1);
});

test('a session that is asked to shows the noise before anything is tried', async () => {
  const { tuner } = tunedWorld({ rate: betterAtEight }, { expert: { noiseFirst: true } });
  await tuner.propose({ size: 8 });
  await tuner.stop();
  expect(recordsOf(tuner, 'trial').map(({ purpose }) => purpose)).toEqual(['a/a', 'candidate', 'hold-back']);
});

test('until a setting has run against itself, a report names the noise as that of adjacent windows', async () => {
  const { tuner } = tunedWorld({ rate: betterAtEight });
  await tuner.propose({ size: 8 });
  const { data, markdown, html } = report(tuner.ledger);
  expect(data.noise).toMatchObject({ source: 'adjacent windows', trial: null });
  expect(markdown).toMatch(/noise [^;]+; 8 adjacent windows at rest, no knob touched\)/);
  expect(html).toContain(', by adjacent windows at rest');
  await tuner.settled();
  const after = report(tuner.ledger);
  expect(after.data.noise).toMatchObject({ source: 'a/a' });
  expect(after.html).not.toContain('adjacent windows at rest');
});
