/** What bounds a call, and the end of all calls in close(). */

export interface LimitOptions {
  /**
   * How long its work may take from when it begins, cold start included: 1 to 86,400,000 ms. Time that the
   * call waits does not count. Then it ends with outcome `timeout`.
   * @defaultValue that of the executor, where it has one (a sandbox)
   */
  readonly deadlineMs?: number;
  /**
   * How long it may wait for its work to begin, from `run()`: 0 to 86,400,000 ms. Then it ends with outcome
   * `shed`, and its work never begins.
   * @defaultValue as long as it takes
   */
  readonly maxWaitMs?: number;
}

/** How long `close()` waits for calls. Of several bounds the one that passes first holds. */
export interface CloseOptions {
  /**
   * How long calls get to end: 0 to 86,400,000 ms. Those that have not ended then are cancelled, whether
   * they wait or run. Of several bounds the one that passes first holds.
   * @defaultValue they are waited for, however long they take
   */
  readonly withinMs?: number;
}

/** A day, ms. */
export const longestLimitMs = 86_400_000;
