/** The bytes of a result, lent to its caller. */
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import type { ResultPlace } from './result-place.ts';
import type { RegionLease } from './ring/region-lease.ts';

/**
 * Bytes that a call resulted in, until they are released. Those that its worker has written to memory which it
 * shares with the host stand there, uncopied; others, such as short ones, in memory of their own. What is not
 * released is given back when nothing of it is used any more and has been collected, which may be late: until then
 * its worker has so much less to write results to, and results that find no room are copied.
 */
export class ResultLease implements Disposable {
  readonly #region: RegionLease | null;
  #own: Uint8Array | null;
  /** How many bytes. */
  readonly byteLength: number;

  /** @param bytes where they are; memory of nobody else's */
  constructor(bytes: Uint8Array | RegionLease) {
    this.#region = bytes instanceof Uint8Array ? null : bytes;
    this.#own = bytes instanceof Uint8Array ? bytes : null;
    this.byteLength = this.bytes.length;
  }

  /**
   * The bytes; often of a SharedArrayBuffer. A view of them that is kept beyond `release()` shows what comes to
   * stand there later.
   * @throws {SandtuneError} ERR_SANDTUNE_RESULT once they were released
   */
  get bytes(): Uint8Array {
    const bytes = this.#region === null ? this.#own : this.#region.bytes;
    if (bytes === null) throw new SandtuneError('ERR_SANDTUNE_RESULT', 'expected a lease, got one that was released');
    return bytes;
  }

  /** True once they were released. */
  get isReleased(): boolean {
    return (this.#region === null ? this.#own : this.#region.bytes) === null;
  }

  /** Gives the bytes back, now. A second time nothing. */
  release(): void {
    this.#own = null;
    this.#region?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

export class LeasePlace implements ResultPlace {
  readonly leases = true;
  readonly error = null;
  isTaken = false;
  byteLength = 0;

  take(bytes: Uint8Array): ResultLease {
    return this.#taken(new ResultLease(copyOfBytes(bytes)));
  }

  takeLease(lease: RegionLease): ResultLease {
    return this.#taken(new ResultLease(lease));
  }

  ended(): void {}

  #taken(lease: ResultLease): ResultLease {
    this.isTaken = true;
    this.byteLength = lease.byteLength;
    return lease;
  }
}
