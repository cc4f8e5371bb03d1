/** What a caller of a sandbox's function does with the bytes that come back. */
import type { GuestFunction, ResultLease } from 'sandtune';
import type { AlikeArm } from './load.ts';
import type { Bytes } from './request.ts';

type Close = () => Promise<void>;

/** Into memory of their own, each time. */
export function plainArm(call: GuestFunction, close: Close): AlikeArm<number | Bytes> {
  return { call: (_, a, b) => call(a, b) as Promise<number | Bytes>, result: (answer) => answer, close };
}

/** Into a buffer that was used before. */
export function intoArm(call: GuestFunction, close: Close): AlikeArm<Bytes> {
  const free: Bytes[] = [];
  return {
    call: (_, a, b) => {
      const into = free.pop() ?? new Uint8Array((b as Bytes).length);
      return call.run([a, b], { into }) as Promise<Bytes>;
    },
    result: (answer) => answer,
    done: (answer) => void free.push(answer),
    close,
  };
}

/** They stay in shared memory until they were looked at. */
export function leaseArm(call: GuestFunction, close: Close): AlikeArm<ResultLease> {
  return {
    call: (_, a, b) => call.run([a, b], { lease: true }) as Promise<ResultLease>,
    result: (lease) => lease.bytes as Bytes,
    done: (lease) => lease.release(),
    close,
  };
}
