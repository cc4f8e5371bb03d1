import { describe, expect, it } from 'vitest';
import { resolveSandboxOptions, type SandboxOptions, sandboxDefaults } from '../../src/sandbox/options.ts';

const guests = { g: { module: new Uint8Array(8) } };
const file = new URL('file:///binding.js');

describe('resolveSandboxOptions', () => {
  it("threads and batch size of a sandbox start at piscina's own defaults, and their sources say so", () => {
    for (const [cpus, threads] of [
      [1, 2],
      [2, 3],
      [3, 5],
      [8, 12],
    ] as const) {
      const resolved = resolveSandboxOptions({ guests }, cpus);
      expect(resolved).toMatchObject({ threads, batchSize: 1, maxThreads: Math.max(4, 2 * cpus) });
      expect(resolved.sources.threads).toMatch(/piscina's default: 1\.5 ×/);
      expect(resolved.sources.batchSize).toMatch(/piscina's default/);
    }
  });

  it("the sources of a sandbox's knobs say which values the host gave", () => {
    const { sources } = resolveSandboxOptions({ guests, threads: 2, batchSize: 8 }, 2);
    expect(sources).toMatchObject({ threads: 'options.threads', batchSize: 'options.batchSize' });
  });

  it('the default threads are clamped to maxThreads, and an explicit contradiction is refused', () => {
    expect(resolveSandboxOptions({ guests, maxThreads: 2 }, 8)).toMatchObject({ threads: 2 });
    expect(() => resolveSandboxOptions({ guests, maxThreads: 2, threads: 3 }, 8)).toThrow(
      /threads: expected an integer from 1 to 2, got 3/,
    );
  });

  it('calls travel in shared memory unless batches are asked for, which are of messages', () => {
    expect(resolveSandboxOptions({ guests }).transport).toBe('ring');
    expect(resolveSandboxOptions({ guests, batchSize: 8 }).transport).toBe('message');
    expect(resolveSandboxOptions({ guests, batchLingerMs: 1 }).transport).toBe('message');
    expect(resolveSandboxOptions({ guests, transport: 'message' })).toMatchObject({
      transport: 'message',
      batchSize: 1,
    });
  });

  it('workers look for their next call before they sleep only where a CPU is to spare', () => {
    for (const [threads, cpus, spinUs] of [
      [2, 4, 20],
      [3, 4, 0],
      [1, 2, 0],
    ] as const)
      expect(resolveSandboxOptions({ guests, threads }, cpus).spinUs).toBe(spinUs);
    expect(resolveSandboxOptions({ guests, threads: 3, spinUs: 5 }, 4)).toMatchObject({
      spinUs: 5,
      sources: { spinUs: 'options.spinUs' },
    });
  });

  it('the defaults of a sandbox cannot be changed', () => {
    expect(Object.isFrozen(sandboxDefaults)).toBe(true);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { guests, thread: 2 }, /no option 'thread'/],
    ['no guests', { guests: {} }, /at least one guest/],
    ['a batch above the shared memory', { guests, batchSize: 1025 }, /batchSize.*1 to 1024/],
    ['a fraction of a thread', { guests, threads: 1.5 }, /threads.*integer/],
    ['a deadline of nothing', { guests, deadlineMs: 0 }, /deadlineMs/],
    ['a load that is neither', { guests, load: 'ajar' }, /load.*'open', 'closed'/],
    ['an unknown option of spans', { guests, spans: { every: 2 } }, /spans: no option 'every'/],
    ['a sampling distance below 1', { guests, spans: { sampleEvery: 0 } }, /spans\.sampleEvery.*at least 1, got 0/],
    ['a switch that is none', { guests, spans: { enabled: 'no' } }, /spans\.enabled: expected true or false/],
    ['spans that are no options', { guests, spans: false }, /spans: expected .*got false/],
    [
      'a way for calls that is none',
      { guests, transport: 'pigeon' },
      /transport: expected one of 'message', 'ring', 'either', got "pigeon"/,
    ],
    [
      'batches where calls travel one by one',
      { guests, transport: 'ring', batchSize: 2 },
      /batchSize: expected nothing/,
    ],
    ['knobs of shared memory beside messages', { guests, transport: 'message', depth: 2 }, /depth: expected nothing/],
    ['knobs of shared memory beside batches', { guests, batchSize: 2, spinUs: 1 }, /spinUs: expected nothing/],
    ['more calls than a worker has room for', { guests, depth: 513 }, /depth.*1 to 512/],
    ['a worker that is not a file', { guests, workerUrl: new URL('https://a.b/c.js') }, /workerUrl.*file:/],
    ['host functions as imports', { guests: { g: { ...guests.g, imports: {} } } }, /allowImports/],
    ['allowed imports without a binding', { guests: { g: { ...guests.g, allowImports: { env: ['a'] } } } }, /binding/],
    ['a binding without functions', { guests: { g: { ...guests.g, binding: file } } }, /functions/],
    ['a module that is a text', { guests: { g: { module: 'guest.wasm' } } }, /module.*Uint8Array/],
    ['a name that would break a metric', { guests: { 'a.b': guests.g } }, /letters, digits/],
  ])('createSandbox() refuses %s', (_, options, message) => {
    expect(() => resolveSandboxOptions(options as SandboxOptions, 2)).toThrow(message);
  });
});
