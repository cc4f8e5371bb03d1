/** A worker whose thread is in code that cannot be ended until it is done. */
import { pbkdf2Sync } from 'node:crypto';

export default function hold(begun: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(begun, 0, 1);
  Atomics.notify(begun, 0);
  pbkdf2Sync('held', 'thread', 400_000, 64, 'sha512');
}
