import { expect, it } from 'vitest';
import { playSessions } from '../../../bench/walk/session.ts';
import type { Settings } from '../../../src/contracts.ts';
import type { Entry, SessionEntry, TunerEvent, TunerRecord } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { type Action, initialState, type State } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Sketch, windowOf } from '../trial/build-window.ts';

const configured = { concurrency: 8 };
const held = { concurrency: 16 };
const other = { concurrency: 32 };

const [played] = await playSessions();
const walked = played?.[0]?.state.session ?? expect.fail('no session');

/** A session without the lease, and what becomes of it. */
class Follower {
  readonly entries: Entry[];
  readonly records: TunerRecord[] = [];
  state: State;
  action: Action | null = null;
  #atMs = walked.startedAtMs;

  constructor(subjectTo: readonly string[], part: Partial<SessionEntry> = { follows: true }) {
    const options = { ...walked.options, mode: 'observe' } as const;
    const entry = { ...walked, options, goal: parseGoal({ maximize: 'throughput', subjectTo }), ...part };
    this.entries = [entry];
    this.state = initialState(entry);
    this.#send({ kind: 'begin', atMs: this.#atMs });
    this.done();
  }

  anchor(settings: Settings): this {
    return this.#send({ kind: 'anchor', atMs: this.#atMs, settings });
  }

  done(): this {
    return this.#send({ kind: 'done', atMs: this.#atMs });
  }

  ledger(writable: boolean): this {
    return this.#send({ kind: 'ledger', atMs: this.#atMs, writable, reason: 'the disk is full' });
  }

  stop(): this {
    return this.#send({ kind: 'stop', atMs: this.#atMs }).done();
  }

  fail(): this {
    const { action } = this;
    if (!action || action.kind === 'end') expect.fail('nothing to fail');
    const { current: settings } = this.state;
    return this.#send({ kind: 'failed', atMs: this.#atMs, what: action.kind, message: 'refused', settings });
  }

  /** Measures so many windows of what is in force. */
  measure(count: number, sketch: Sketch = {}): this {
    for (let left = count; left > 0; left--) {
      const { action } = this;
      if (action?.kind !== 'measure') expect.fail(`expected to measure, got ${action?.kind}`);
      const startMs = this.#atMs;
      this.#atMs += 1000;
      const window = windowOf({ settings: action.settings, startMs, ...sketch });
      this.#send({ kind: 'measured', atMs: this.#atMs, arm: action.arm, window, effective: action.settings });
      if (this.action?.kind === 'settle') this.done();
    }
    return this;
  }

  rest(): this {
    this.#atMs += 1000 * walked.options.restMs;
    return this.done();
  }

  of<K extends TunerRecord['kind']>(kind: K): Extract<TunerRecord, { kind: K }>[] {
    return this.records.filter((one): one is Extract<TunerRecord, { kind: K }> => one.kind === kind);
  }

  /** What was intended after the session began. */
  intents(): readonly (readonly [string, Settings])[] {
    return this.of('intent')
      .slice(1)
      .map(({ purpose, settings }) => [purpose, settings]);
  }

  outcomes(): readonly (readonly [string, Settings])[] {
    return this.of('follow').map(({ outcome, settings }) => [outcome, settings]);
  }

  #send(event: TunerEvent): this {
    const { state, records, action } = transition(this.state, event);
    const { session } = walked;
    this.state = state;
    this.action = action ?? this.action;
    this.records.push(...records);
    this.entries.push({ kind: 'event', session, event });
    this.entries.push(...records.map((record): Entry => ({ kind: 'record', session, record })));
    return this;
  }
}

const absolute = ['p99 < 50ms', 'errors < 1%'];
const failing: Sketch = { ok: 900, others: { trap: 100 } };

it('the anchor of the holder is put in force after one intent, and is the session’s own once it is in force', () => {
  const follower = new Follower(absolute).anchor(held);
  expect(follower.intents()).toEqual([['follow', held]]);
  expect(follower.action).toEqual({ kind: 'settle', settings: held });
  expect(follower.state.anchor).toEqual(configured);
  follower.done();
  expect(follower.state.anchor).toEqual(held);
  expect(follower.measure(40).action).toMatchObject({ kind: 'measure', settings: held });
  expect(follower.outcomes()).toEqual([['taken', held]]);
  follower.anchor(held).measure(5);
  expect(follower.intents()).toHaveLength(1);
});

it('a session that follows ends on the anchor that it followed, as on one that it had committed', () => {
  const follower = new Follower(absolute).anchor(held).done().measure(3).stop();
  expect(follower.intents().at(-1)).toEqual(['anchor', held]);
  expect(follower.action).toEqual({ kind: 'end' });
});

it('a session that ends before the followed anchor is in force ends where it was', () => {
  expect(new Follower(absolute).anchor(held).stop().intents().at(-1)).toEqual(['anchor', configured]);
});

it.each([
  ['in mode observe', { ...walked.options, mode: 'observe' }],
  ['in mode confirm', { ...walked.options, mode: 'confirm' }],
] as const)('a session %s that does not follow changes nothing for the anchor of another', (_, options) => {
  const looking = new Follower(absolute, { options });
  const { action } = looking;
  expect(looking.anchor(held).records.filter((one) => one.kind === 'follow')).toEqual([]);
  expect([looking.state.current, looking.action]).toEqual([configured, action]);
});

it('a guardrail that breaks here takes the session back to its configured default, until another anchor is written', () => {
  const follower = new Follower(absolute).measure(10).anchor(held).done().measure(6, failing);
  expect(follower.outcomes()).toEqual([
    ['taken', held],
    ['left', held],
  ]);
  expect(follower.of('follow').at(-1)?.reason).toMatch(/^errors < 1% is broken here: 10 % of calls failed/);
  expect(follower.intents()).toEqual([
    ['follow', held],
    ['revert', configured],
  ]);
  expect([follower.state.anchor, follower.state.current]).toEqual([configured, configured]);
  follower.anchor(held).measure(3);
  expect(follower.intents()).toHaveLength(2);
  follower.anchor(other).done().measure(3).anchor(held).done();
  expect(follower.outcomes().slice(2)).toEqual([
    ['taken', other],
    ['taken', held],
  ]);
});

it('one window of errors, or of slow calls, takes no session back', () => {
  const follower = new Follower(absolute).measure(10).anchor(held).done().measure(1, failing).measure(5);
  expect(
    follower
      .measure(1, { ...failing, meanMs: 200 })
      .measure(20)
      .outcomes(),
  ).toEqual([['taken', held]]);
});

it('what is lost against the configured default takes the session back where the default was measured', () => {
  const relative = ['p50 within 2%', 'p99 within 10%'];
  const slow: Sketch = { meanMs: 14, ok: 700 };
  const follower = new Follower(relative).measure(12).anchor(held).done().measure(8, slow);
  expect(follower.outcomes()).toEqual([
    ['taken', held],
    ['left', held],
  ]);
  expect(follower.of('follow')[0]?.unjudged).toEqual([]);
  const unmeasured = new Follower(relative).anchor(held).done().measure(30, slow);
  expect(unmeasured.outcomes()).toEqual([['taken', held]]);
  expect(unmeasured.of('follow')[0]?.unjudged).toEqual([
    expect.stringMatching(/^p50 within 2%: on the configured default 0 blocks/),
    expect.stringMatching(/^p99 within 10%: on the configured default 0 blocks/),
  ]);
});

it('an anchor that no knob of this process takes is not applied, and is named with the reason', () => {
  const tooWide = { concurrency: 4096 };
  const follower = new Follower(absolute).anchor(tooWide).anchor(tooWide);
  expect(follower.intents()).toEqual([]);
  expect(follower.outcomes()).toEqual([['refused', tooWide]]);
  expect(follower.of('follow')[0]?.reason).toMatch(/from 1 to 64, got 4096/);
  const fixed = { ...walked.options, mode: 'observe', fixed: configured } as const;
  expect(new Follower(absolute, { follows: true, options: fixed }).anchor(held).of('follow')[0]).toMatchObject({
    outcome: 'refused',
    reason: expect.stringMatching(/fixed at 8/),
  });
});

it('an anchor that a knob refuses leaves the session on the one it had', () => {
  const follower = new Follower(absolute).anchor(held).done().measure(2).anchor(other).fail();
  expect(follower.intents().at(-1)).toEqual(['revert', held]);
  expect(follower.action).toEqual({ kind: 'settle', settings: held });
  expect(follower.done().state.phase.kind).toBe('following');
  expect(follower.state.anchor).toEqual(held);
});

it('a session whose windows fail for a while goes on following after a rest', () => {
  const follower = new Follower(absolute).anchor(held).done().measure(2).fail().done();
  expect(follower.state.phase.kind).toBe('resting');
  follower.rest().done();
  expect([follower.state.phase.kind, follower.state.current]).toEqual(['following', held]);
});

it('a holder that goes back to the configured default is followed there', () => {
  const follower = new Follower(absolute).anchor(held).done().measure(2).anchor(configured).done();
  expect(follower.outcomes().at(-1)).toEqual(['taken', configured]);
  expect(follower.done().measure(30, failing).outcomes()).toHaveLength(2);
});

it('an anchor that cannot be written down first is not put in force until it can be', () => {
  const follower = new Follower(absolute).anchor(held).ledger(false);
  expect(follower.action).toEqual({ kind: 'settle', settings: configured });
  follower.done().measure(3).ledger(true);
  expect([follower.state.current, follower.outcomes()]).toEqual([configured, []]);
  expect(follower.anchor(held).done().outcomes()).toEqual([['taken', held]]);
});

it('a ledger that cannot be written keeps no follower from reading its guardrails and going back', () => {
  const follower = new Follower(absolute).measure(10).anchor(held).done().measure(2).ledger(false);
  expect(follower.state.phase.kind).toBe('following');
  expect(follower.measure(5, failing).outcomes().at(-1)).toEqual(['left', held]);
});

it('a session that follows replays to the byte', () => {
  const { entries } = new Follower(absolute).measure(10).anchor(held).done().measure(6, failing).anchor(other).stop();
  const ledger = { append: () => {}, durable: async () => {}, anchor: () => configured, read: () => entries };
  expect(replay(ledger)).toMatchObject({ identical: true, sessions: 1 });
});
