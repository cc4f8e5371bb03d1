/** Rust without a tool: the library instantiates when it first needs to. */
import { SourceMapConsumer } from 'source-map';

export async function bind() {
  const mappings = { version: 3, sources: ['a.js'], names: [], mappings: 'AAAA;AACA,IAAI' };
  const consumer = await new SourceMapConsumer(mappings);
  return { original: (line, column) => consumer.originalPositionFor({ line, column }) };
}
