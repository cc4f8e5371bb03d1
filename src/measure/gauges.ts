/** The questions a recorder puts to its executor. Asked at each rotation, so answers must be cheap. */

/** What a recorder asks of its executor when a window is cut. */
export interface Gauges {
  /** Worker threads that may be busy; 1 for an in-process function. */
  workers(): number;
  /** Bytes of guest memories, which Node does not count. */
  guestBytes(): number;
  /**
   * Sum over workers of the time with at least one batch dispatched, ms, up to now (batches still out
   * included). Absent where the executor says `books.busy(workers)` whenever that number changes.
   */
  busyMs?(): number;
  /** Sum over workers of the time they waited for what their calls had asked of others, ms, up to now. Absent or NaN: not known. */
  ownWaitMs?(): number;
  /**
   * There are no workers, calls run on this thread: `Window.workerCpuMs` is then `cpuMs`. Otherwise it
   * is the CPU of the process less that of this thread (V8's and Node's helper threads counted in).
   */
  readonly inProcess?: boolean;
  /** What calls run on was closed by whoever owns it. Asked when a window is opened, and as it is cut. @defaultValue never */
  isOver?(): boolean;
}
