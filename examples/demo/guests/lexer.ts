/**
 * Binding of es-module-lexer (runs in the worker, beside the guest): the source of a JavaScript
 * module in, how many imports and exports it has out. Counts, not lists: what returns is copied
 * between threads, and the work is the lexing.
 *
 *   bytes (UTF-8) ──▶ UTF-16 in the guest's memory ──▶ parse() ──▶ walk ri(), re() ──▶ counts
 */

/** The exports of the guest that are used here; its own JavaScript glue calls the same ones. */
interface LexerExports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  /** Allocates for a source of so many UTF-16 units and begins anew; returns the address. */
  sa(units: number): number;
  /** 0 when the source is not a module or script it understands. */
  parse(): number;
  /** Next import; 0 when there is none left. */
  ri(): number;
  /** Next export; 0 when there is none left. */
  re(): number;
  /** Where it stopped understanding, in UTF-16 units. */
  e(): number;
}

export interface LexResult {
  readonly imports: number;
  readonly exports: number;
  /** UTF-16 unit at which the source was not understood; −1 when all of it was. */
  readonly errorAt: number;
}

const pageBytes = 65_536;

export function bind(exports: WebAssembly.Exports): { lex(source: Uint8Array): LexResult } {
  const guest = exports as unknown as LexerExports;
  const heapBase = guest.__heap_base.value as number;
  const decoder = new TextDecoder();
  let memory = Buffer.from(guest.memory.buffer);

  return {
    lex(source) {
      const text = decoder.decode(source);
      // The source itself (2 bytes a unit, with its terminator) and as much again for what is found in it.
      const needed = heapBase + 4 * (text.length + 1) + 16;
      const missing = needed - guest.memory.buffer.byteLength;
      if (missing > 0) guest.memory.grow(Math.ceil(missing / pageBytes));
      const at = guest.sa(text.length);
      // Growing detaches every view of the old memory, and the guest may grow by itself.
      if (memory.buffer !== guest.memory.buffer) memory = Buffer.from(guest.memory.buffer);
      memory.write(text, at, 2 * text.length, 'utf16le');
      if (!guest.parse()) return { imports: 0, exports: 0, errorAt: guest.e() };
      let importCount = 0;
      while (guest.ri()) importCount++;
      let exportCount = 0;
      while (guest.re()) exportCount++;
      return { imports: importCount, exports: exportCount, errorAt: -1 };
    },
  };
}
