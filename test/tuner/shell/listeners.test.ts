import { expect, it, vi } from 'vitest';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { Listeners } from '../../../tuner/shell/listeners.ts';
import { warn } from '../../../tuner/shell/warn.ts';

const nothing: unknown = null;
const note = (text: string): Entry => ({
  kind: 'remark',
  session: 1,
  remark: { kind: 'note', code: 'other', title: '', text },
});
const textOf = (entry: Entry) =>
  entry.kind === 'remark' && entry.remark.kind === 'note' ? entry.remark.text : entry.kind;

/** A ledger and its listeners: written first, delivered then. */
function ledgerWithListeners() {
  const ledger: Entry[] = [];
  const listeners = new Listeners(warn);
  const write = (...texts: string[]) => {
    const entries = texts.map(note);
    ledger.push(...entries);
    listeners.deliver(entries);
  };
  const watch = (listener: (text: string) => unknown) => listeners.add((entry) => listener(textOf(entry)), ledger);
  return { write, watch };
}

it('a listener gets the entries of the past, then the new ones, once each', () => {
  const { write, watch } = ledgerWithListeners();
  write('a', 'b');
  const seen: string[] = [];
  const stop = watch((text) => seen.push(text));
  write('c');
  stop();
  write('d');
  expect(seen).toEqual(['a', 'b', 'c']);
});

it('a listener that is added by another during a delivery gets every entry once', () => {
  const { write, watch } = ledgerWithListeners();
  const seen: string[] = [];
  let added = false;
  watch((text) => {
    if (text !== 'a' || added) return;
    added = true;
    watch((later) => seen.push(later));
  });
  write('a', 'b');
  write('c');
  expect(seen).toEqual(['a', 'b', 'c']);
});

it('entries that a listener causes come after the one it is given, in one order for every listener', () => {
  const { write, watch } = ledgerWithListeners();
  write('ask');
  const [first, second]: [string[], string[]] = [[], []];
  watch((text) => first.push(text));
  watch((text) => {
    second.push(text);
    if (text === 'ask') write('answer');
    if (text === 'answer') write('thanks');
  });
  expect([first, second]).toEqual([
    ['ask', 'answer', 'thanks'],
    ['ask', 'answer', 'thanks'],
  ]);
});

it('an async listener that rejects, and one that throws, are told once each and go on being called', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { write, watch } = ledgerWithListeners();
  const seen: string[] = [];
  watch(async (text) => {
    seen.push(text);
    throw new Error('later');
  });
  watch((text) => {
    seen.push(text);
    throw nothing;
  });
  write('a', 'b');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['a', 'a', 'b', 'b']);
  expect(warned.mock.calls.map(([text]) => text)).toEqual([
    'a listener of tuner.watch() failed: null',
    'a listener of tuner.watch() failed: later',
  ]);
  warned.mockRestore();
});

it('what is no function is refused as a listener', () => {
  const { watch } = ledgerWithListeners();
  expect(() => new Listeners(warn).add(undefined as never, [])).toThrow(/watch\(\): expected a function/);
  expect(watch(() => {})).toBeTypeOf('function');
});

it('a listener gets a long history over several turns, and after it what came meanwhile, each entry once and in order', async () => {
  const listeners = new Listeners(warn);
  const numbers = Array.from({ length: 2000 }, (_, i) => String(i));
  const seen: string[] = [];
  listeners.add((entry) => {
    const text = textOf(entry);
    seen.push(text);
    if (text === '10') listeners.deliver([note('caused')]);
    if (text === 'caused') listeners.deliver([note('caused again')]);
  }, numbers.map(note).values());
  expect(seen.length).toBeLessThan(2000);
  listeners.deliver([note('new')]);
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(2000));
  expect(seen).toEqual([...numbers, 'caused', 'new', 'caused again']);
  listeners.deliver([note('newer')]);
  expect(seen.at(-1)).toBe('newer');
});

it('a listener that is removed hears no more of a long history', async () => {
  const listeners = new Listeners(warn);
  let count = 0;
  const stop = listeners.add(() => count++, Array.from({ length: 2000 }, (_, i) => note(String(i))).values());
  const before = count;
  stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(count).toBe(before);
});
