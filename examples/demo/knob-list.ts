/** 'batchSize 64, threads 2' */
export function knobList(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([knob, value]) => `${knob} ${String(value)}`)
    .join(', ');
}
