/**
 * The only place that converts units. Inside: milliseconds (float). In histograms: integer
 * nanoseconds. At OpenTelemetry: seconds, moments as [seconds, nanoseconds].
 */
const nsPerMs = 1e6;

/** Whole nanoseconds, at least 0. */
export function msToNs(ms: number): number {
  return ms > 0 ? Math.round(ms * nsPerMs) : 0;
}

export function nsToMs(ns: number): number {
  return ns / nsPerMs;
}

/** At OpenTelemetry durations are seconds. */
export function msToSeconds(ms: number): number {
  return ms / 1000;
}

/**
 * OpenTelemetry's [seconds, nanoseconds] of a time on a clock. Origin and offset are made whole
 * nanoseconds separately: their float sum has steps of 244 ns.
 * @param originMs the clock's `timeOrigin`. All times of one span take the one that was read at its start,
 *   so that its length is right also where the system's clock is stepped meanwhile.
 */
export function toHrTime(originMs: number, atMs: number): [number, number] {
  const originNs = BigInt(Math.round(originMs * 1e3)) * 1000n;
  const ns = originNs + BigInt(Math.round(atMs * nsPerMs));
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}

/** '1.2 KiB', '64 MiB'. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || Math.abs(value) >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
}

/** '820 ns', '4.1 µs', '12 ms', '3.2 s'. */
export function durationText(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 1e-3) return `${Math.round(ms * 1e6)} ns`;
  if (size < 1) return `${three(ms * 1e3)} µs`;
  if (size < 1000) return `${three(ms)} ms`;
  return `${three(ms / 1000)} s`;
}

/** '+12.3 %', '−0.4 %' of a fraction. */
export function percentText(fraction: number, digits = 1): string {
  const text = (Math.abs(fraction) * 100).toFixed(digits);
  const zero = Number(text) === 0;
  return `${zero ? '' : fraction < 0 ? '−' : '+'}${text} %`;
}

/** '12.3 %' of a fraction that is a part of something, not a change: unsigned. */
export function shareText(fraction: number, digits = 1): string {
  if (!Number.isFinite(fraction)) return 'not known';
  const small = fraction > 0 && fraction < 0.5 * 10 ** -(digits + 2);
  return small ? `< ${(10 ** -digits).toFixed(digits)} %` : percentText(fraction, digits).replace('+', '');
}

/** '14.8 k', '112 k', '1.2 M', '640'. */
export function countText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${three(value / 1e6)} M`;
  if (size >= 1e3) return `${three(value / 1e3)} k`;
  return size >= 100 || Number.isInteger(value) ? `${Math.round(value)}` : three(value);
}

/** Three significant digits, without an exponent. */
function three(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
