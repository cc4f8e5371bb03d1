/** Looks at what nobody expects anything of, once the tuner is idle. */
import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../../bench/worlds/window.ts';
import type { KnobSpec, Seen, Settings, SettingValue, Visit, Window, Work } from '../../../../src/contracts.ts';
import { randomStream } from '../../../../src/foundation/random.ts';
import { predict } from '../../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from '../seen.ts';

const random = randomStream(1);
const range = { min: 1, max: 256, scale: 'log', integer: true } as const;
const compress = knob('compress', { domain: [false, true], defaultValue: false });
const chunk = knob('chunk', { domain: range, defaultValue: 4 });
const threads = knob('threads', { domain: range, defaultValue: 2 });
const batchSize = knob('batchSize', { domain: range, defaultValue: 1 });

/** Two workers that are always at work, and seem to use all of two CPUs. */
const busy: Work = {
  batches: 1000,
  batchedCalls: 1000,
  batchMs: 2000,
  executeMs: 1960,
  busyFraction: 1,
  workerStarts: 0,
};

function windowAt(settings: Settings, work?: Work): Window {
  return emptyWindow({
    settings,
    endMs: 1000,
    offered: 1000,
    outcomes: { ...ok, ok: 1000 },
    latency: took(32, 1000),
    service: took(2, 1000),
    ...(work && { work, wait: took(30, 1000), cpuMs: 1970, workerCpuMs: 1960, backlogAtStart: 32, backlogAtEnd: 32 }),
  });
}

function defaultsOf(knobs: readonly KnobSpec[]): Settings {
  return Object.fromEntries(knobs.map(({ id, defaultValue }) => [id, defaultValue]));
}

/** What is visited, and then proposed, with gains as `gain` says. */
function search(knobs: readonly KnobSpec[], gain: (settings: Settings) => number, parts: Partial<Seen>, work?: Work) {
  const current = defaultsOf(knobs);
  const visits: Visit[] = [];
  const windows = Array.from({ length: 4 }, () => windowAt(current, work));
  for (;;) {
    const answer = predict(seenWith(knobs, current, windows, { visits, ...parts }), random);
    const probes = visits.map(({ settings }) => settings);
    if (!('probe' in answer)) return { probes, settings: 'gain' in answer ? answer.settings : null };
    visits.push({ settings: answer.probe, from: current, gain: gain(answer.probe), sd: 0.015, windows: 3 });
  }
}

const octaves = (value: SettingValue | undefined, best: number) => Math.log2(Number(value) / best);

describe('once idle', () => {
  it('a knob is looked at of which its model expects nothing, and found where the law is another one', () => {
    const gain = ({ threads: at }: Settings) => 0.6 * (Math.exp(-((octaves(at, 16) / 2) ** 2)) - 0.1);
    expect(search([threads], gain, {}, busy)).toEqual({ probes: [], settings: null });
    const { settings, probes } = search([threads], gain, { may: { tour: true } }, busy);
    expect(Math.abs(octaves(settings?.['threads'], 16))).toBeLessThan(1);
    expect(probes.length).toBeLessThan(15);
  });

  it('what gains only far from all that was visited, with a choice that is worse elsewhere, is found', () => {
    const gain = ({ compress: on, chunk: at }: Settings) => (on ? (Number(at) >= 32 ? 0.5 : -0.2) : 0);
    expect(search([compress, chunk], gain, {}).settings).toBeNull();
    const free = { may: { tour: true }, changeLosesMs: { compress: 0, chunk: 0 } };
    expect(search([compress, chunk], gain, free).settings).toMatchObject({ compress: true });
  });

  it('a peak with a kink between two values that were visited is found', () => {
    const gain = ({ chunk: at }: Settings) => (Number(at) < 3 ? -0.4 : Number(at) < 4 ? 0.15 : -0.2 * octaves(at, 4));
    expect(search([chunk], gain, {}).settings).toBeNull();
    expect(search([chunk], gain, { may: { tour: true } }).settings).toEqual({ chunk: 3 });
  });

  it('knobs whose change loses calls are left out, and those of which that is not known are moved alone', () => {
    const looks = (changeLosesMs: Record<string, number>) =>
      search([threads, batchSize], () => 0, { may: { tour: true }, changeLosesMs }, busy).probes;
    const moved = (probe: Settings) => [probe['threads'] !== 2, probe['batchSize'] !== 1].filter(Boolean).length;
    expect(looks({ threads: 0, batchSize: 0 }).some((probe) => moved(probe) === 2)).toBe(true);
    expect(looks({}).length).toBeGreaterThan(0);
    expect(looks({}).every((probe) => moved(probe) === 1)).toBe(true);
    expect(looks({ threads: 900, batchSize: 0 }).every((probe) => probe['threads'] === 2)).toBe(true);
    expect(looks({ threads: 900, batchSize: 5000 })).toEqual([]);
  });

  it('nothing is looked at that lies as far as that under which the process ended, or farther', () => {
    const current = defaultsOf([threads]);
    const windows = Array.from({ length: 4 }, () => windowAt(current, busy));
    const looksAfter = (death: Partial<Visit>) => {
      const visits: Visit[] = [{ settings: { threads: 8 }, from: current, gain: 0, sd: 0.1, windows: 1, ...death }];
      for (;;) {
        const parts = { visits, may: { tour: true }, changeLosesMs: { threads: 0 } };
        const answer = predict(seenWith([threads], current, windows, parts), random);
        if (!('probe' in answer)) return visits.slice(1).map(({ settings }) => Number(settings['threads']));
        visits.push({ settings: answer.probe, from: current, gain: 0, sd: 0.015, windows: 3 });
      }
    };
    expect(Math.max(...looksAfter({}))).toBeGreaterThan(8);
    expect(Math.max(...looksAfter({ died: true, gain: -3 }))).toBeLessThan(8);
  });

  it('looks at a knob that does nothing come to an end', () => {
    const { probes, settings } = search([compress, chunk, threads, batchSize], () => 0, { may: { tour: true } });
    expect(settings).toBeNull();
    expect(probes.length).toBeLessThan(45);
  });
});

describe('what may not be seen', () => {
  const seen = (parts: Partial<Seen>) => {
    const current = defaultsOf([batchSize]);
    const dear: Work = { ...busy, executeMs: 100 };
    const windows = [current, { batchSize: 4 }].flatMap((settings, i) =>
      Array.from({ length: 4 }, () => {
        const window = windowAt(settings, i === 0 ? dear : { ...dear, batches: 380, batchedCalls: 1500 });
        return i === 0 ? window : { ...window, offered: 1500, outcomes: { ...ok, ok: 1500 } };
      }),
    );
    return seenWith([batchSize], current, windows, parts);
  };

  it('a model is offered what it has not seen, and only what it has where no look at it may be made', () => {
    const free = predict(seen({}), random);
    expect('probe' in free ? free.probe : 'settings' in free && free.settings).not.toEqual({ batchSize: 4 });
    let ruledOut: readonly Settings[] = [];
    for (let remaining = 6; remaining > 0; remaining--) {
      const answer = predict(seen({ may: { look: false }, ruledOut }), random);
      if ('probe' in answer) ruledOut = [...ruledOut, answer.probe];
      else {
        expect(answer).toMatchObject({ settings: { batchSize: 4 } });
        return;
      }
    }
    expect.unreachable('nothing was offered');
  });

  it('after a value that did not come into force, what was seen to be better comes before another visit', () => {
    const visits = [{ settings: { chunk: 8 }, from: { chunk: 4 }, gain: 0.5, sd: 0.02, windows: 3 }];
    const windows = Array.from({ length: 4 }, () => windowAt({ chunk: 4 }));
    const asked = (parts: Partial<Seen>) =>
      predict(seenWith([chunk], { chunk: 4 }, windows, { visits, ...parts }), random);
    expect(asked({})).toHaveProperty('probe');
    const harmful = [{ settings: { chunk: 16 }, from: { chunk: 4 } }];
    expect(asked({ harmful, ruledOut: [{ chunk: 16 }] })).toMatchObject({ settings: { chunk: 8 } });
  });
});
