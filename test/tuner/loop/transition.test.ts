import { describe, expect, it } from 'vitest';
import { playSessions } from '../../../bench/walk/session.ts';
import type { Settings } from '../../../src/contracts.ts';
import { sameSettings, settingsKey } from '../../../tuner/entries/settings.ts';
import { type Action, initialState } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';

/** Whole sessions, in which every phase is entered and every kind of event comes. */
const steps = (await playSessions()).map((moments) =>
  moments.map(({ state, event }) => ({ before: state, event, ...transition(state, event) })),
);

const applied = (action: Action | null): readonly Settings[] => {
  if (action?.kind === 'measure' || action?.kind === 'settle') return [action.settings];
  return action?.kind === 'warm' ? [action.a, action.b] : [];
};

describe('transition', () => {
  it('a setting other than the one in force is measured only in a probe, a trial or a hold-back', () => {
    const away = new Set(
      steps.flat().flatMap(({ state, action }) => {
        const isAway = applied(action).some((one) => !sameSettings(one, state.current));
        return isAway ? [state.phase.kind] : [];
      }),
    );
    expect(away).toEqual(new Set(['probing', 'trying', 'hold-back']));
  });

  it('an intent comes before any setting but the one a session began with', () => {
    for (const session of steps) {
      const intended = new Set([settingsKey(session[0]?.before.anchor ?? {})]);
      for (const { records, action } of session) {
        for (const record of records) if (record.kind === 'intent') intended.add(settingsKey(record.settings));
        for (const one of applied(action)) expect(intended).toContain(settingsKey(one));
      }
    }
  });

  it('the first action after a trial is to settle, whatever ended it', () => {
    const ends = steps
      .flat()
      .filter(({ records }) => records.some((one) => one.kind === 'decision' && one.decision !== 'commit'));
    expect(ends.length).toBeGreaterThan(3);
    for (const { action, state } of ends) expect(action).toEqual({ kind: 'settle', settings: state.anchor });
  });

  it('the tuner waits before it asks again, in every mode, of an executor that can measure no window', () => {
    const first = steps[0]?.[0]?.before.session ?? expect.fail('no session');
    for (const mode of ['observe', 'advise', 'confirm', 'auto'] as const) {
      const session = { ...first, options: { ...first.options, mode } };
      const atMs = session.startedAtMs;
      const failed = { kind: 'failed', atMs, what: 'measure', message: 'closed', settings: session.anchor } as const;
      let { state, action } = transition(initialState(session), { kind: 'begin', atMs });
      for (let asked = 0; asked < 20 && action?.kind !== 'await'; asked++)
        ({ state, action } = transition(state, action?.kind === 'measure' ? failed : { kind: 'done', atMs }));
      expect(action).toEqual({ kind: 'await', forMs: 5000 });
      const rested = transition(state, { kind: 'done', atMs: atMs + session.options.restMs });
      expect(rested.state.phase.kind).toBe('observing');
    }
  });

  it('transition changes neither the state it was given nor the event', () => {
    for (const { before, event } of steps.flat().slice(0, 200)) {
      const given = JSON.stringify([before, event]);
      transition(before, event);
      expect(JSON.stringify([before, event])).toBe(given);
    }
  });

  it('transition gives the same from a state that was stored and read back', () => {
    for (const session of steps) {
      const [first] = session;
      let state = initialState(first?.before.session ?? expect.fail('no session'));
      for (const [index, { event, records, action }] of session.entries()) {
        // What is remembered of a state's windows is derived anew once it was read: that is done where a phase begins, and now and then.
        const isRead = index % 61 === 0 || session[index - 1]?.before.phase.kind !== state.phase.kind;
        const read = isRead ? (JSON.parse(JSON.stringify(state)) as typeof state) : state;
        const step = transition(read, event);
        expect(JSON.stringify([step.records, step.action])).toBe(JSON.stringify([records, action]));
        state = step.state;
      }
    }
  }, 90_000);
});
