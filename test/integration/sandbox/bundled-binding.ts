/** Tells whether the worker it runs in is the one of bundled-worker.ts. */
export function bind() {
  return { bundled: () => (globalThis as { bundled?: boolean }).bundled === true };
}
