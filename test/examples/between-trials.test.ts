/** When the demo announces an act: never while that before is still judged. */
import { emptyHistory, extendHistory, type Tuner } from 'sandtune/tuner';
import { expect, it } from 'vitest';
import { headingInTurn } from '../../examples/demo/between-trials.ts';
import type { Entry, RecordOf } from '../../tuner/entries/entries.ts';
import { SampleSession, sampleStart } from '../support/sample-ledger.ts';

const settings = { ...sampleStart, batchSize: 64 };

/** The entries up to a hold-back that runs. */
function heldBack(): SampleSession {
  const session = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 4, pairs: 9, pending: true });
  const trial = session.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'trial' ? [one.record] : [],
  )[0] as RecordOf<'trial'>;
  return session.record({ ...trial, trial: trial.trial + 1, purpose: 'hold-back' });
}

function tunerAt(entries: readonly Entry[]) {
  const listeners = new Set<(entry: Entry) => void>();
  let history = entries.reduce((before, entry) => extendHistory(before, entry), emptyHistory);
  const tuner = {
    get history() {
      return history.sessions[0];
    },
    watch(listener: (entry: Entry) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    tuner: tuner as unknown as Tuner,
    listeners,
    take(entry: Entry) {
      history = extendHistory(history, entry);
      for (const listener of listeners) listener(entry);
    },
  };
}

function audience() {
  const told: string[] = [];
  return { told, heading: (text: string) => told.push(`== ${text}`), note: (text: string) => told.push(text) };
}

it('an act that comes between trials is announced at once', async () => {
  const { told, ...to } = audience();
  const { tuner } = tunerAt(new SampleSession().baseline().entries);
  await headingInTurn(tuner, to, 'the next', AbortSignal.timeout(60_000));
  expect(told).toEqual(['== the next']);
});

it('an act is announced when the hold-back before it is over, and what is waited for is said', async () => {
  const { told, ...to } = audience();
  const session = heldBack();
  const { tuner, listeners, take } = tunerAt(session.entries);
  const begun = headingInTurn(tuner, to, 'the next', new AbortController().signal);
  const waits = ['next: the next; the hold-back of batchSize 1 → 64 comes to its end first'];
  expect(told).toEqual(waits);
  take(session.entries.at(-1) as Entry);
  await Promise.resolve();
  expect(told).toEqual(waits);
  take(session.record({ kind: 'anchor', settings, reason: 'seen again' }).entries.at(-1) as Entry);
  await begun;
  expect(told).toEqual([...waits, '== the next']);
  expect(listeners.size).toBe(0);
});

it('an act that waits is announced no more once the demo is interrupted', async () => {
  const { told, ...to } = audience();
  const abort = new AbortController();
  const begun = headingInTurn(tunerAt(heldBack().entries).tuner, to, 'the next', abort.signal);
  abort.abort('SIGINT');
  await expect(begun).rejects.toBe('SIGINT');
  expect(told).toHaveLength(1);
});
