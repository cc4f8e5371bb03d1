/** Emscripten behind a library that asks for the instance by a function. */
import oniguruma from 'vscode-oniguruma';

export async function imports(self) {
  await oniguruma.loadWASM({ instantiator: async (given) => ({ instance: self.instantiate(given) }) });
}

export const bind = () => ({
  search: (pattern, text) => {
    const scanner = new oniguruma.OnigScanner([pattern]);
    const found = scanner.findNextMatchSync(text, 0);
    scanner.dispose();
    return found?.captureIndices.map(({ start, end }) => text.slice(start, end)) ?? null;
  },
});
