/**
 * Every counter of a window, one row each: how those of two adjoining stretches of time become one,
 * and where a window shows it. The accumulator, the joining of deltas and the types of `Window` and
 * `Work` are made from this table: a new counter is a new row, and the line that counts.
 *
 *   sum       counted as things happen
 *   max       the highest that was seen
 *   integral  how far a running total went on from one end of the stretch to the other (CPU time, a
 *             worker's time); NaN where it is not known
 */
export const fields = {
  /** Calls that came in. */
  offered: { kind: 'sum', shownIn: 'window' },
  /** Times that a call came in after others had settled: where callers wait for answers, each begins a round of calls. */
  rounds: { kind: 'sum', shownIn: 'window', optional: true },
  /** Rounds that found no call in flight. */
  freshRounds: { kind: 'sum', shownIn: 'window', optional: true },
  /** Sums over fresh rounds of the time for which no call had been in flight, and of its square. */
  freshGapMs: { kind: 'sum', shownIn: 'window', optional: true },
  freshGapMs2: { kind: 'sum', shownIn: 'window', optional: true },
  /** Sums over fresh rounds of the time since the fresh round before, and of its square. */
  freshCycleMs: { kind: 'sum', shownIn: 'window', optional: true },
  freshCycleMs2: { kind: 'sum', shownIn: 'window', optional: true },
  /** Units of dispatch that came back (one call each where there is no batching). */
  batches: { kind: 'sum', shownIn: 'work' },
  batchedCalls: { kind: 'sum', shownIn: 'work' },
  /** Sum over batches of the time from dispatch to return. */
  batchMs: { kind: 'sum', shownIn: 'work' },
  /** Sum over calls of time inside the guest. */
  executeMs: { kind: 'sum', shownIn: 'work' },
  /** Workers that were started inside the window (replacements included). */
  workerStarts: { kind: 'sum', shownIn: 'work' },
  /**
   * Calls that failed when their guest was refused something: an import, more memory than its cap, a
   * permission of the process. Of memory that a guest's own code grows it is not seen what was refused: a call
   * counts where it failed in a memory that had grown up to its cap, and not where it wanted more than the room
   * that was left. A window that somebody else made may be without it.
   */
  violations: { kind: 'sum', shownIn: 'work', optional: true },
  bytesIn: { kind: 'sum', shownIn: 'window' },
  bytesOut: { kind: 'sum', shownIn: 'window' },
  /** Peak of heap, external and our own count of wasm memory. */
  peakBytes: { kind: 'max', shownIn: 'window' },
  /** Peak of the process's resident set, read ten times a second at most. */
  rssBytes: { kind: 'max', shownIn: 'window', optional: true },
  /** Peak of our own count of wasm memory, which all workers hold together. */
  guestBytes: { kind: 'max', shownIn: 'window', optional: true },
  /** CPU the process used, workers included. */
  cpuMs: { kind: 'integral', shownIn: 'window' },
  /** CPU the workers used; equals cpuMs where there are none. */
  workerCpuMs: { kind: 'integral', shownIn: 'window' },
  /** Time CPUs of the machine had nothing to do, summed over them; absent where the system does not say. */
  idleCpuMs: { kind: 'integral', shownIn: 'window', optional: true },
  /**
   * Time for which workers that had calls waited for what these calls had asked of others (a timer, a socket, a
   * disk), summed over workers, and not for a CPU; absent where the workers do not tell.
   */
  ownWaitMs: { kind: 'integral', shownIn: 'window', optional: true },
  /** Sum over workers of the time with at least one batch dispatched. */
  busyMs: { kind: 'integral', shownIn: 'nothing' },
  /** Sum over workers of the time they were there. */
  workerMs: { kind: 'integral', shownIn: 'nothing' },
} as const satisfies Record<string, Field>;

interface Field {
  readonly kind: 'sum' | 'max' | 'integral';
  readonly shownIn: 'window' | 'work' | 'nothing';
  /** May be left out of a window: what is not known is. */
  readonly optional?: true;
}

type Fields = typeof fields;
export type FieldName = keyof Fields;
type IsOptional<K extends FieldName> = Fields[K] extends { readonly optional: true } ? true : false;

/** Rows that are counted as things happen. */
export type Counters = { -readonly [K in FieldName as Fields[K]['kind'] extends 'integral' ? never : K]: number };
/** Rows that are read at the two ends of a stretch. */
export type Integrals = { readonly [K in FieldName as Fields[K]['kind'] extends 'integral' ? K : never]: number };
/** All rows of one stretch of time. */
export type FieldValues = { readonly [K in FieldName]: number };

/** The rows that are shown there; optional where the table says so. */
export type ShownIn<P extends 'window' | 'work'> = {
  readonly [K in FieldName as Fields[K]['shownIn'] extends P
    ? IsOptional<K> extends true
      ? never
      : K
    : never]: number;
} & {
  readonly [K in FieldName as Fields[K]['shownIn'] extends P
    ? IsOptional<K> extends true
      ? K
      : never
    : never]?: number;
};
/** The counters that stand in a `Window` itself. */
export type WindowFields = ShownIn<'window'>;
/** The counters that stand in `Window.work`. */
export type WorkFields = ShownIn<'work'>;

const rows = Object.entries(fields) as readonly (readonly [FieldName, Field])[];
const counted = rows.filter(([, { kind }]) => kind !== 'integral').map(([name]) => name as keyof Counters);
const integrated = rows.filter(([, { kind }]) => kind === 'integral').map(([name]) => name as keyof Integrals);

/** Counters at zero, to count in. */
export function newCounters(): Counters {
  return Object.fromEntries(counted.map((name) => [name, 0])) as Counters;
}

/** The counters so far, which begin again from zero. */
export function takeCounters(counters: Counters): Counters {
  const taken = { ...counters };
  for (const name of counted) counters[name] = 0;
  return taken;
}

/**
 * How far the running totals went on between two readings. Clocks are read one after the other, so a
 * difference may come out below 0: that is noise and counts as 0.
 */
export function between(earlier: Integrals, later: Integrals): Integrals {
  return Object.fromEntries(integrated.map((name) => [name, Math.max(0, later[name] - earlier[name])])) as Integrals;
}

/** Two adjoining stretches as one. */
export function joinFields(a: FieldValues, b: FieldValues): FieldValues {
  return Object.fromEntries(
    rows.map(([name, { kind }]) => [name, kind === 'max' ? highest(a[name], b[name]) : a[name] + b[name]]),
  ) as FieldValues;
}

/** The higher of two peaks, of which one may not be known. */
function highest(a: number, b: number): number {
  return Number.isNaN(a) ? b : Math.max(a, Number.isNaN(b) ? a : b);
}

/** What a window shows of them in one place. */
export function shownIn(place: 'window', values: FieldValues): WindowFields;
export function shownIn(place: 'work', values: FieldValues): WorkFields;
export function shownIn(place: Field['shownIn'], values: FieldValues): object {
  return Object.fromEntries(
    rows
      .filter(([name, row]) => row.shownIn === place && !(row.optional && Number.isNaN(values[name])))
      .map(([name]) => [name, values[name]]),
  );
}

/** What a window shows in one place, by name. */
export type FieldsIn<P extends 'window' | 'work'> = P extends 'window' ? WindowFields : WorkFields;

/** The names of what a window shows in one place; an optional one is left out where it is not known. */
export function namesIn(place: 'window' | 'work'): readonly { readonly name: FieldName; readonly optional: boolean }[] {
  return rows
    .filter(([, row]) => row.shownIn === place)
    .map(([name, row]) => ({ name, optional: row.optional === true }));
}
