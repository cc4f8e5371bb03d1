/** The results of a record. Nearly every record has one, which is kept as it is: a list of its own for each is more to collect. */
import type { RecordOutputs } from '../record-batch.ts';

export const noOutputs: readonly Uint8Array[] = Object.freeze([]);

export function isOneOutput(outputs: RecordOutputs): outputs is Uint8Array {
  return !Array.isArray(outputs);
}

export function outputCount(outputs: RecordOutputs): number {
  return isOneOutput(outputs) ? 1 : outputs.length;
}

export function listOfOutputs(outputs: RecordOutputs): readonly Uint8Array[] {
  return isOneOutput(outputs) ? [outputs] : outputs;
}

/** Of all of them together. */
export function outputBytes(outputs: RecordOutputs): number {
  if (isOneOutput(outputs)) return outputs.length;
  let bytes = 0;
  for (const output of outputs) bytes += output.length;
  return bytes;
}

export function mapOutputs(outputs: RecordOutputs, map: (output: Uint8Array) => Uint8Array): RecordOutputs {
  return isOneOutput(outputs) ? map(outputs) : outputs.map(map);
}

/** The first that is longer than that. */
export function outputAbove(mostBytes: number, outputs: RecordOutputs): Uint8Array | undefined {
  if (isOneOutput(outputs)) return outputs.length > mostBytes ? outputs : undefined;
  return outputs.find(({ length }) => length > mostBytes);
}
