/** The guest as a function, in a worker of a pool. */
export function workOf(bytes: Uint8Array<ArrayBuffer>): (turns: number) => number {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['work'] as (turns: number) => number;
}
