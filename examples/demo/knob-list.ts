/** Settings in words. */
type AnySettings = Readonly<Record<string, unknown>>;

/** 'batchSize 64, threads 2' */
export function knobList(settings: AnySettings): string {
  return Object.entries(settings)
    .map(([knob, value]) => `${knob} ${String(value)}`)
    .join(', ');
}

/** 'batchSize 1 → 64', one for each knob of `from` that moved. */
export function movedKnobs(from: AnySettings, to: AnySettings): string[] {
  return Object.entries(to)
    .filter(([knob, value]) => Object.hasOwn(from, knob) && from[knob] !== value)
    .map(([knob, value]) => `${knob} ${String(from[knob])} → ${String(value)}`);
}

/** 'batchSize 1 → 64, threads 3 → 2' */
export function changedText(from: AnySettings, to: AnySettings): string {
  return movedKnobs(from, to).join(', ') || 'nothing';
}
