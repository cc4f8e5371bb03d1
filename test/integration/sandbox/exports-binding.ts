/** Offers a guest's functions as they are. */
interface Self {
  readonly memory: WebAssembly.Memory | undefined;
}

export const imports = ({ memory }: Self) => ({ env: { memory } });

export const bind = (exports: WebAssembly.Exports) => ({ ...exports });
