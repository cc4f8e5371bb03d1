import { describe, expect, it } from 'vitest';
import { initialView, sessionInView } from '../../../../exporters/terminal/live/state.ts';
import { viewAfter } from '../../../../exporters/terminal/live/view-after.ts';
import type { Entry, TunerRecord } from '../../../../tuner/entries/entries.ts';
import { SampleSession, sampleStart } from '../../../support/sample-ledger.ts';
import { adviceStory, interruptedStory, noChangeStory } from '../../../support/sample-stories.ts';
import { richEntries, storyText } from './story-text.ts';

const rich = storyText(richEntries);

describe('the story of a session', () => {
  it('the story begins with the settings in force and where each comes from', () => {
    expect(rich).toMatch(/starts with {2}threads\s+3\s+threads\s+the default \(piscina: 1\.5 × CPUs\)/);
    expect(rich).toMatch(/batchSize\s+1\s+calls\s+the default \(piscina: one call a task\)/);
  });

  it('the story says of a setting that is not the default what the default would be', () => {
    const [session, ...rest] = new SampleSession().baseline().entries;
    if (session?.kind !== 'session') throw new Error('expected a session first');
    const moved: Entry = { ...session, anchor: { ...session.anchor, threads: 5 } };
    expect(storyText([moved, ...rest])).toMatch(
      /threads\s+5\s+threads\s+configured, kept or set by hand; the default is 3/,
    );
  });

  it('the story says of a fixed setting that it is never moved', () => {
    const entries = new SampleSession({ tune: { fixed: { threads: 3 } } }).entries;
    expect(storyText(entries)).toMatch(/threads\s+3\s+threads\s+fixed by you/);
  });

  it('the story takes no setting for fixed because of what its knob is called', () => {
    const [session, ...rest] = new SampleSession().baseline().entries;
    if (session?.kind !== 'session') throw new Error('expected a session first');
    const knobs = session.knobs.map((knob) => (knob.id === 'threads' ? { ...knob, id: 'constructor' } : knob));
    const anchor = { ...session.anchor, constructor: 3 };
    expect(storyText([{ ...session, knobs, anchor } as Entry, ...rest])).not.toContain('fixed by you');
  });

  it('the story tells the live rate and where the time of a call goes', () => {
    expect(rich).toMatch(/live rate {2}14\.8 k\/s ok calls in time, between/);
    expect(rich).toMatch(/where time {2}a call takes [\d.]+ \S+; most of it is /);
    expect(rich).toMatch(/queue\s+[\d.]+ \S+\s+█/);
  });

  it('the story says of the first trial of each kind what a pair is, what ends it, and what a stop loses', () => {
    const flat = rich.replace(/\s+/g, ' ');
    expect(flat.match(/a pair is two windows; at most 60 of them, which a stop would lose/g)).toHaveLength(1);
    expect(flat.match(/proof it ends after 600 s \(maxDurationMs\), with A; so does a stop, which/g)).toHaveLength(1);
    expect(flat.indexOf('(maxDurationMs)')).toBeLessThan(flat.indexOf('trial 3'));
  });

  it('the story tells once, ahead of what comes next, what a probe found and beside what', () => {
    const flat = rich.replace(/\s+/g, ' ');
    const found =
      /found [\d.]+ k\/s at batchSize 8 in 3 windows, against [\d.]+ k\/s in 2 windows between: \+\d+ %, which proves nothing yet/g;
    expect(flat.match(found)).toHaveLength(1);
    expect(flat.search(found)).toBeLessThan(flat.indexOf('prediction'));
    const again = new SampleSession()
      .baseline()
      .probe({ batchSize: 8 }, 57_000, 'one')
      .probe({ batchSize: 4 }, 40_000, 'two');
    expect(storyText(again.stop().entries).match(/ {2}found {2}/g)).toHaveLength(2);
  });

  it('the story says of a probe without a window that counts that it found nothing', () => {
    const cut = new SampleSession().baseline();
    cut.record({ kind: 'probe', settings: { ...sampleStart, batchSize: 8 }, learns: 'one', harmedMs: 0 });
    expect(storyText(cut.stop().entries)).toContain('found  nothing: the probe got no window that counts');
  });

  it('the story gives the reason of a trial without proof once', () => {
    const reason = 'nothing more can be proven in the 48 pairs left';
    const plan = { to: { threads: 4 }, gain: 0.001, pairs: 12, verdict: 'inconclusive', trigger: 'futile' } as const;
    const session = new SampleSession().baseline().trial({ ...plan, decision: 'revert', reason });
    const flat = storyText(session.entries).replace(/\s+/g, ' ');
    expect(flat.split(reason)).toHaveLength(2);
    expect(flat).toContain(`pairs of windows; ${reason} measured`);
  });

  it('the story names what the noise is taken from before a setting has run against itself, and not where that comes first', () => {
    expect(rich).toMatch(/noise {2}[^,]+ %, by the spread of \d+ windows next to each other at rest/);
    const first = storyText(
      new SampleSession({ tune: { mode: 'auto', expert: { noiseFirst: true } } }).baseline().entries,
    );
    expect(first).not.toContain('next to each other');
  });

  it('the story says which difference is noise', () => {
    expect(rich).toMatch(/noise {2}smaller than this I call noise: ±[\d.]+ %/);
  });

  it('the story prints one figure of noise, and none where no trial could prove anything', () => {
    const noisy = (floor: number) =>
      storyText(
        new SampleSession().baseline().record({
          kind: 'noise',
          trial: 9,
          pairs: 7,
          floor,
          effect: { estimate: 0.4, low: -0.97, high: 49.38, level: 0.98 },
          fullTrial: { pairs: 30, floor },
        }).entries,
      );
    expect(noisy(0.395)).toContain('smaller than this I call noise: +39.5 % / −28.3 %');
    expect(noisy(0.395)).toContain('by the spread of 7 pairs of one setting against itself');
    expect(noisy(0.395)).not.toMatch(/97|4,?938/);
    expect(noisy(1e6)).toContain('noise  too large to tell: a full trial could prove nothing');
  });

  it('the story tells a prediction with its reason before the trial it was sealed for', () => {
    const prediction = rich.indexOf('batchSize 1 → 64 gives goodput +360 % (+240…+520 %)');
    const reason = rich.indexOf('a batch costs 61 µs and a call 1.9 µs');
    const trial = rich.indexOf('trial 2');
    expect(prediction).toBeGreaterThan(0);
    expect(reason).toBeGreaterThan(prediction);
    expect(trial).toBeGreaterThan(reason);
  });

  it('the story draws one cell per window of a trial, in the order the coin gave', () => {
    const entries = richEntries;
    const begin = entries.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'trial' && one.record.trial === 2,
    );
    const end = entries.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2,
    );
    const arms = entries
      .slice(begin, end)
      .flatMap((one) => (one.kind === 'event' && one.event.kind === 'measured' ? [one.event.arm] : []))
      .map((arm) => (arm === 'candidate' ? 'B' : 'A'))
      .join('');
    expect(arms.length).toBe(20);
    expect(rich.split('\n').map((line) => line.trim())).toContain(arms);
  });

  it('the story gives the verdict with interval and odds', () => {
    expect(rich).toMatch(/verdict {2}better: goodput \+\d+ % \(\d+ % interval [+−\d.]+…\+\d+ %\)/);
    expect(rich).toMatch(/by chance at most once in/);
  });

  it('the story tells a commit, and that the cheaper of two equal settings is kept', () => {
    expect(rich).toMatch(/kept {2}✓ batchSize 64: proven better/);
    expect(rich).toMatch(/kept {2}✓ threads 2: no difference, and it needs less/);
  });

  it('the story sets what was predicted beside what was measured', () => {
    expect(rich).toMatch(/predicted {2}\+360 % \(\+240…\+520 %\), measured \+\d+ %: inside/);
  });

  it('the story says why a setting was reverted, after how many windows and ms, and how many calls ran under it', () => {
    expect(rich).toMatch(
      /reverted {2}✗ moduleCacheCapacity [12]: it lost too much, twice in a row; moduleCacheCapacity 8 again/,
    );
    expect(rich).toMatch(/after 3 windows and [\d.]+ m?s of it; [\d,]+ calls ran under it/);
  });

  it('the story says of a breaker that it does not wait for proof, and gives no odds beside it', () => {
    const breaker = rich.slice(rich.indexOf('somebody pressed key 3'), rich.indexOf('it lost too much'));
    expect(breaker).toMatch(/2 pairs of windows; a breaker: it does not wait for proof/);
    expect(breaker).not.toMatch(/chance/);
  });

  it('the story ends with the diff, the cost of measuring and the books', () => {
    expect(rich).toMatch(/to keep it {2}sandtune\.config\.mts\n\s+- {3}batchSize: 1,\n\s+\+ {3}batchSize: 64,/);
    expect(rich).toMatch(/measuring {2}costs 0\.8 % of throughput/);
    expect(rich).toMatch(
      /✓ 3,214,207 offered = 3,214,207 settled \+ 0 in flight \(3 trap, 12 timeout, 402 cancelled\)/,
    );
  });

  it('the story keeps each line of a diff on one line, with its indentation, and says where it was cut', () => {
    const before = `      threads: 3, // ${'long '.repeat(40)}\n\tbatchSize: 1,`;
    const patch = { file: 'src/app.ts', line: 7, before, after: before.replace('threads: 3', 'threads: 2') };
    const { entries } = new SampleSession().remark({
      kind: 'patch',
      settings: sampleStart,
      patches: [{ knob: 'threads', patch }],
    });
    const lines = storyText(entries, 80).split('\n');
    const diff = lines.slice(lines.findIndex((line) => line.includes('--- a/src/app.ts')));
    expect(diff.map((line) => line.slice(13, 40)).slice(2)).toEqual([
      '@@ -7,2 +7,2 @@',
      '-      threads: 3, // long ',
      '+      threads: 2, // long ',
      '   batchSize: 1,',
      '',
    ]);
    expect(diff[3]).toMatch(/^.{79}…$/);
  });

  it('the story shows of a long line of a diff where it changes, whatever the width', () => {
    const before = `  const sandbox = await createSandbox({ name: 'demo', ${'guests, '.repeat(10)}batchSize: 1, load: 'closed' });`;
    const patch = { file: 'src/app.ts', line: 7, before, after: before.replace('batchSize: 1,', 'batchSize: 16,') };
    const { entries } = new SampleSession().remark({
      kind: 'patch',
      settings: sampleStart,
      patches: [{ knob: 'batchSize', patch }],
    });
    for (const width of [50, 80, 120, 200]) {
      const story = storyText(entries, width);
      expect(story).toMatch(/-  .*batchSize: 1,/);
      expect(story).toMatch(/\+  .*batchSize: 16,/);
      expect(Math.max(...story.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    expect(storyText(entries, 200)).toContain(`-${before}`);
  });

  it('the story marks books that do not add up', () => {
    const remark = {
      kind: 'accounting',
      offered: 11,
      inFlight: 0,
      outcomes: { ok: 10, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 },
    } as const;
    expect(storyText(new SampleSession().remark(remark).entries)).toContain('✗ 11 offered = 10 settled');
  });

  it('the story words a setting that changed nothing as a normal result', () => {
    expect(storyText(noChangeStory())).toMatch(/unchanged {2}= threads 3: no difference worth a change/);
  });

  it('the story tells a recommendation nobody tried with its evidence', () => {
    const advice = storyText(adviceStory());
    expect(advice).toContain('recommend  batchSize 64 (priority high)');
    expect(advice).toContain('predicted, not tried (mode advise)');
  });

  it('the story shows the strip of a trial that ended without a verdict', () => {
    const stopped: TunerRecord = {
      kind: 'decision',
      trial: 2,
      decision: 'revert',
      trigger: 'stopped',
      settings: sampleStart,
      callsAffected: 9,
      afterMs: 700,
      reason: 'the tuner was asked to stop',
    };
    const entries = [...interruptedStory(), { kind: 'record', session: 4071, record: stopped } as const];
    const text = storyText(entries);
    const rest = text.slice(text.indexOf('trial 2'));
    expect(rest).toMatch(/windows {2}[▁▂▃▄▅▆▇█]{8}\n\s+[AB]{8}\n/);
    expect(rest).toContain('reverted  batchSize 64: the tuner was stopped; batchSize 1 again');
    expect(rest).not.toContain('✗');
  });

  it('the story tells an unanswered question as one, and does not blame the setting', () => {
    const entries = new SampleSession({ tune: { mode: 'confirm' } })
      .baseline()
      .trial({ to: { batchSize: 64 }, gain: 4, pairs: 9, asked: true })
      .record({
        kind: 'decision',
        trial: 1,
        decision: 'revert',
        trigger: 'unanswered',
        settings: sampleStart,
        callsAffected: 0,
        afterMs: 900,
        reason: 'evidence ages',
      }).entries;
    const text = storyText(entries);
    expect(text).toContain('batchSize 64: nobody answered in time; batchSize 1 again');
    expect(text).not.toContain('✗');
  });

  it('the story goes on measuring when a rest is over, and does not call that an end', () => {
    const rested = new SampleSession()
      .baseline()
      .record({ kind: 'phase', phase: 'resting', reason: 'nothing worth trying now' })
      .record({ kind: 'phase', phase: 'observing', reason: 'rested long enough' }).entries;
    expect(storyText(rested)).not.toMatch(/stopping|ended/);
    const state = rested.reduce((before, entry) => viewAfter(before, entry).state, initialView);
    expect(sessionInView(state)?.phase).toBe('observing');
  });

  it('the story tells the hold-back and the anchor it leads to', () => {
    const entries = new SampleSession()
      .baseline()
      .trial({ to: { batchSize: 64 }, gain: 4, pairs: 9, predicted: { estimate: 3, low: 2, high: 5, level: 0.9 } })
      .record({ kind: 'anchor', settings: { ...sampleStart, batchSize: 64 }, reason: 'seen again' }).entries;
    expect(storyText(entries)).toMatch(/anchor {2}.*batchSize 64.* is where every revert returns/);
  });

  it('the story asks in mode confirm', () => {
    const entries = new SampleSession({ tune: { mode: 'confirm' } })
      .baseline()
      .trial({ to: { batchSize: 64 }, gain: 4, pairs: 9, asked: true }).entries;
    expect(storyText(entries)).toMatch(/your turn {2}keep .*batchSize 64.*\?/);
  });

  it('the story says nothing of a session whose beginning it has not seen', () => {
    expect(storyText(richEntries.slice(60))).toBe('');
    expect(storyText([...interruptedStory({ session: 1 }), ...richEntries.slice(60)])).toBe(
      storyText(interruptedStory()),
    );
  });

  it('no story has an undefined or NaN in it', () => {
    for (const story of [richEntries, noChangeStory(), interruptedStory(), adviceStory()]) {
      expect(storyText(story)).not.toMatch(/undefined|NaN|null|\[object/);
    }
  });

  it('tells in one line which anchor of another process is followed, and why one is not', () => {
    const session = new SampleSession();
    const settings = { ...sampleStart, batchSize: 64 };
    session.record({
      kind: 'follow',
      settings,
      outcome: 'taken',
      unjudged: [],
      reason: 'the process that tunes stands on it',
    });
    session.record({ kind: 'follow', settings, outcome: 'left', unjudged: [], reason: 'errors < 1% is broken here' });
    const story = storyText(session.entries);
    expect(story).toMatch(/follows {2}batchSize 64: the process that tunes stands on it\n/);
    expect(story).toMatch(/left {2}batchSize 64: errors < 1% is broken here; back on the configured default\n/);
  });
});
