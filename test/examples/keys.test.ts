import { EventEmitter } from 'node:events';
import { type Decided, historyOf, type Proposed, type SessionHistory, type Tuner } from 'sandtune/tuner';
import { beforeEach, describe, expect, it } from 'vitest';
import { firstThatDiffers, harms } from '../../examples/demo/harms.ts';
import { type Keyboard, listenForHarm } from '../../examples/demo/keys.ts';
import { SampleSession } from '../support/sample-ledger.ts';

const sampleHistory = historyOf(new SampleSession().baseline().entries).sessions[0] as SessionHistory;

const decided: Decided = {
  kind: 'decision',
  trial: 7,
  decision: 'revert',
  trigger: 'breaker: drop',
  settings: {},
  callsAffected: 900,
  afterMs: 400,
  reason: 'it hurt',
};

describe('keys 1 to 4', () => {
  let keyboard: EventEmitter;
  let modes: boolean[];
  let notes: string[];
  let proposed: unknown[];
  let interrupts: number;
  let answer: () => Promise<Proposed>;
  let stop: () => void;
  let history: SessionHistory;
  const press = async (key: string): Promise<void> => {
    keyboard.emit('data', Buffer.from(key));
    await new Promise(setImmediate);
  };

  beforeEach(() => {
    [keyboard, modes, notes, proposed, interrupts] = [new EventEmitter(), [], [], [], 0];
    answer = () => Promise.resolve(decided);
    history = sampleHistory;
    const propose: Tuner['propose'] = (settings) => {
      proposed.push(settings);
      return answer();
    };
    Object.assign(keyboard, { setRawMode: (raw: boolean) => modes.push(raw), resume: () => {}, pause: () => {} });
    stop = listenForHarm(
      {
        propose,
        get history() {
          return history;
        },
      } as unknown as Tuner,
      harms,
      { heading: () => {}, note: (text) => notes.push(text), entry: () => {} },
      () => interrupts++,
      keyboard as unknown as Keyboard,
    );
  });

  it('keys 1 to 4 each propose the setting they name, and say what became of it', async () => {
    for (const key of ['1', '2', '3', '4']) await press(key);
    expect(proposed).toEqual(harms.map((harm) => harm.settings));
    expect(notes).toContain(
      'your batchSize 1, transport message was reverted: it lost too much, twice in a row; 900 calls saw it',
    );
  });

  it('keys 1 to 4 are named to the viewer', () => {
    expect(notes[0]).toMatch(
      /1 batchSize 1, transport message · 2 threads 1 · .* · 4 moduleCacheCapacity 1 · Ctrl-C stops/,
    );
  });

  it('keys other than 1 to 4 do nothing, but for Ctrl-C, which a raw terminal no longer turns into a signal', async () => {
    for (const key of ['0', '5', 'x', '\r', '\u001b[A']) await press(key);
    expect([proposed, interrupts]).toEqual([[], 0]);
    await press('\u0003');
    expect(interrupts).toBe(1);
  });

  it('keys 1 to 4 say so when the tuner has ended', async () => {
    answer = () => Promise.resolve({ decision: 'not-decided', settings: {}, reason: 'the tuner has ended' });
    await press('2');
    answer = () => Promise.reject(new Error('expected a running tuner'));
    await press('2');
    expect(notes.slice(-3)).toEqual([
      'your threads 1 was not tried: the tuner has ended',
      expect.stringContaining('you pressed 2'),
      'expected a running tuner',
    ]);
  });

  it('keys 1 to 4 propose nothing to a tuner that has ended, and say so', async () => {
    history = { ...history, phase: 'ended' };
    await press('1');
    expect(proposed).toEqual([]);
    expect(notes.at(-1)).toBe(
      'you pressed 1: batchSize 1, transport message is not tried, because the tuner has ended; Ctrl-C stops',
    );
  });

  it('keys 1 to 4 are let go with the terminal as it was', async () => {
    stop();
    await press('1');
    expect([proposed, modes]).toEqual([[], [true, false]]);
  });
});

describe('the harm the story tries itself', () => {
  it('the harm that the demo itself proposes is the first that would change anything', () => {
    expect(firstThatDiffers({ batchSize: 64, threads: 2, transport: 'message' })?.settings).toEqual({
      batchSize: 1,
      transport: 'message',
    });
    // In shared memory a batch size has no effect, so that calls must leave it too.
    expect(firstThatDiffers({ batchSize: 1, threads: 2, transport: 'ring' })?.settings).toEqual({
      batchSize: 1,
      transport: 'message',
    });
    expect(firstThatDiffers({ batchSize: 1, threads: 2, transport: 'message' })?.settings).toEqual({ threads: 1 });
    expect(firstThatDiffers({ batchSize: 1, threads: 1, transport: 'message' })?.settings).toEqual({
      batchLingerMs: 50,
      batchSize: 512,
      transport: 'message',
    });
  });
});
