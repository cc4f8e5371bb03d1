/**
 * A worker as people have them, in plain JavaScript: digests of a text by a WebAssembly guest
 * (hash-wasm). It knows nothing of sandtune.
 */
import { sha256 } from 'hash-wasm';

/** @param {{ text: string, rounds: number }} input */
export default async function digest({ text, rounds }) {
  let hash = text;
  for (let round = 0; round < rounds; round++) hash = await sha256(hash);
  return hash;
}
