/** Prints what a ledger says in a few lines: what was seen, predicted, measured, decided, and the edit to make. */
import type { Settings } from 'sandtune';
import type { Entry, TunerRecord } from 'sandtune/tuner';

/** @param unit of the goal: 'ms', 'calls/s' */
export function printOutcome(entries: Iterable<Entry>, unit: string): void {
  for (const entry of entries) {
    if (entry.kind === 'record') printRecord(entry.record, unit);
    if (entry.kind !== 'remark' || entry.remark.kind !== 'patch') continue;
    for (const { patch } of entry.remark.patches) line('the edit', patch.after);
  }
}

function printRecord(record: TunerRecord, unit: string): void {
  switch (record.kind) {
    case 'recommendation':
      return line(
        'recommended',
        `${settingsText(record.settings)}: ${record.reason}\n${' '.repeat(15)}(${record.evidence})`,
      );
    case 'sealed':
      line('seen', record.reason);
      if (record.predicted)
        line('predicted', `${times(record.predicted.gain.estimate)} better, sealed before the trial`);
      return;
    case 'verdict': {
      const { metric, effect, pairs, eValue, verdict } = record.result;
      const range = `${times(effect.low)} to ${times(effect.high)}`;
      const numbers = `${metric.baseline.toPrecision(3)} → ${metric.candidate.toPrecision(3)} ${unit}`;
      const odds = `by chance at most once in ${Math.floor(eValue).toLocaleString('en')}`;
      return line(
        `trial ${record.trial}`,
        `${verdict}: ${numbers}, ${times(effect.estimate)} better (${range}), ${pairs} pairs, ${odds}`,
      );
    }
    case 'decision':
      return line('decision', `${record.decision} ${settingsText(record.settings)}`);
    case 'not-tried':
      return line('not tried', record.reason);
    default:
  }
}

function line(what: string, text: string): void {
  console.log(`  ${what.padEnd(12)} ${text}`);
}

/** An effect of +0.5 is 1.50 ×. */
function times(effect: number): string {
  return `${(1 + effect).toFixed(2)} ×`;
}

function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([knob, value]) => `${knob} ${value}`)
    .join(', ');
}
