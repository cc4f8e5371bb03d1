import { EventEmitter, getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { abortSignalOf, ignoreAbort, isCallSignal, listenToAbort } from '../../src/foundation/abort.ts';

function listener(heard: string[], name: string) {
  return { handleEvent: () => heard.push(name) };
}

it('a signal has one listener, however many listen to it, and none once all have gone', () => {
  const { signal } = new AbortController();
  const listeners = Array.from({ length: 100 }, () => listener([], ''));
  for (const one of listeners) listenToAbort(signal, one);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const one of listeners.slice(1)) ignoreAbort(signal, one);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  ignoreAbort(signal, listeners[0] as (typeof listeners)[0]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('an abort reaches each that listens, in the order they came, and nobody who has gone', () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const gone = listener(heard, 'gone');
  for (const one of [listener(heard, 'first'), gone, listener(heard, 'second')]) listenToAbort(controller.signal, one);
  ignoreAbort(controller.signal, gone);
  controller.abort();
  expect(heard).toEqual(['first', 'second']);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

it('a signal that does not let go is left as it is, and reaches nobody who has gone', () => {
  const held: (() => void)[] = [];
  const signal = {
    aborted: false,
    addEventListener: (_event: string, fired: () => void) => held.push(fired),
    removeEventListener() {
      throw new Error('kept');
    },
  } as unknown as AbortSignal;
  const heard: string[] = [];
  const gone = listener(heard, 'gone');
  listenToAbort(signal, gone);
  ignoreAbort(signal, gone);
  for (const fired of held) fired();
  expect(heard).toEqual([]);
});

it('an event emitter is a signal that fires with its next abort, and one that is there fires no more', () => {
  const emitter = new EventEmitter();
  const first = abortSignalOf(emitter);
  expect(abortSignalOf(emitter)).toBe(first);
  expect(emitter.listenerCount('abort')).toBe(1);
  emitter.emit('abort');
  const second = abortSignalOf(emitter);
  expect([first.aborted, second.aborted]).toEqual([true, false]);
  emitter.emit('abort');
  expect(second.aborted).toBe(true);
});

it('a signal is known by its shape', () => {
  const standIn = { addEventListener() {}, removeEventListener() {} };
  for (const signal of [AbortSignal.abort(), new EventEmitter(), standIn]) expect(isCallSignal(signal)).toBe(true);
  for (const other of [null, 7, {}, new AbortController(), { ...standIn, aborted: 'no' }])
    expect(isCallSignal(other)).toBe(false);
});
