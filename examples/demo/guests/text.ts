/**
 * Binding of our own guest (text/text.wat; runs in the worker, beside the guest): a text in, its
 * lines, words and longest line out. A text longer than the guest's page goes in by pieces.
 */

interface TextExports {
  readonly memory: WebAssembly.Memory;
  begin(): void;
  update(count: number): void;
  lines(): number;
  words(): number;
  longest(): number;
}

export interface TextResult {
  /** Line feeds, as `wc -l` counts. */
  readonly lines: number;
  /** Runs of bytes that are not white space, as `wc -w` counts in the C locale. */
  readonly words: number;
  /** Bytes of the longest line, without its line feed. */
  readonly longest: number;
}

const pageBytes = 65_536;

export function bind(exports: WebAssembly.Exports): { count(text: Uint8Array): TextResult } {
  const guest = exports as unknown as TextExports;
  // The memory cannot grow: its maximum is one page.
  const memory = new Uint8Array(guest.memory.buffer);

  return {
    count(text) {
      guest.begin();
      for (let from = 0; from < text.length; from += pageBytes) {
        const piece = text.subarray(from, from + pageBytes);
        memory.set(piece);
        guest.update(piece.length);
      }
      return { lines: guest.lines(), words: guest.words(), longest: guest.longest() };
    },
  };
}
