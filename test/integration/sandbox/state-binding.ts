/** Offers the state of its guest itself: a counter that it keeps in a variable. */
let count = 0;

export function bind() {
  return {
    next: () => ++count,
    snapshot: () => new TextEncoder().encode(String(count)),
    restore: (bytes: Uint8Array) => {
      count = Number(new TextDecoder().decode(bytes));
    },
    boom: () => {
      throw new Error('boom');
    },
  };
}
