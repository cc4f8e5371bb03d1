/**
 * Where things stand in what a guest and its host hand each other. WASI had another layout before it was called
 * preview 1 (`wasi_unstable`), and programs of that time are still on npm.
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */

/** Offsets and lengths in bytes. */
export interface Layout {
  readonly fileStat: { readonly bytes: number; readonly links: number; readonly size: number };
  readonly subscription: {
    readonly bytes: number;
    readonly clock: number;
    readonly timeout: number;
    readonly flags: number;
  };
  /** What the numbers 0, 1, 2 mean where `fd_seek` is told from where it is to count. */
  readonly whence: readonly ['start' | 'current' | 'end', 'start' | 'current' | 'end', 'start' | 'current' | 'end'];
}

/** Name of the module a guest imports from → its layout. */
export const layouts = {
  wasi_snapshot_preview1: {
    fileStat: { bytes: 64, links: 24, size: 32 },
    subscription: { bytes: 48, clock: 16, timeout: 24, flags: 40 },
    whence: ['start', 'current', 'end'],
  },
  wasi_unstable: {
    fileStat: { bytes: 56, links: 20, size: 24 },
    subscription: { bytes: 56, clock: 24, timeout: 32, flags: 48 },
    whence: ['current', 'end', 'start'],
  },
} as const satisfies Readonly<Record<string, Layout>>;
