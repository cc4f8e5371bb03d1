/** Takes a number as text and gives the sum so far as text. */
interface Guest {
  add(value: bigint): bigint;
}

export function bind(guest: Guest) {
  return { add: (text: Uint8Array) => Buffer.from(String(guest.add(BigInt(Buffer.from(text).toString())))) };
}
