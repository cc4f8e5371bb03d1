import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachRow, packRows, type RowBuffers } from '../../../src/stream/sink/packed-rows.ts';

it('gives the rows back as they were packed, into buffers that were used before too', () => {
  const record = fc.record({
    partition: fc.constantFrom('0', '1', ''),
    offset: fc.nat(),
    weight: fc.integer({ min: 1, max: 9 }),
    bytes: fc.uint8Array({ maxLength: 3000 }),
  });
  let spare: RowBuffers | undefined;
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), (records) => {
      const packed = packRows(records, spare);
      spare = packed;
      const got: unknown[] = [];
      eachRow(packed, (partition, offset, weight, bytes) =>
        got.push({ partition, offset, weight, bytes: Uint8Array.from(bytes) }),
      );
      expect(got).toEqual(records.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) })));
    }),
  );
});
