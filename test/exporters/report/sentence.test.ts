import { expect, it } from 'vitest';
import { sentence } from '../../../exporters/report/sentence.ts';

it.each([
  ['no change is worth making', 'No change is worth making.'],
  ['Is it over?', 'Is it over?'],
  ['what was cut short …', 'What was cut short …'],
])('%j is told as the sentence %j', (words, told) => {
  expect(sentence(words)).toBe(told);
});
