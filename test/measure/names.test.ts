import { describe, expect, it } from 'vitest';
import { attributeNames, metricNames, spanNames, stageAttributeNames } from '../../src/measure/names.ts';

const names = [
  ...Object.values(spanNames),
  ...Object.values(metricNames),
  ...Object.values(attributeNames),
  ...stageAttributeNames,
];

describe('names given to OpenTelemetry', () => {
  it('names given to OpenTelemetry have the one prefix, but for the one that is the conventions’ own', () => {
    expect(names.filter((name) => !name.startsWith('sandtune.'))).toEqual(['error.type']);
  });

  it('names given to OpenTelemetry carry no unit', () => {
    expect(names.filter((name) => /(^|[._])(ns|us|ms|s|seconds|milliseconds|bytes|percent)$/.test(name))).toEqual([]);
  });
});
