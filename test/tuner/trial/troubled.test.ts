import { expect, it } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { type RareTrouble, troubleSince, whoseTrouble } from '../../../tuner/trial/troubled.ts';
import { windowOf } from './build-window.ts';

const { guardrails } = parseGoal({});

/** So many windows, of which `bad` differ, each behind one that does not. */
function windows(
  count: number,
  bad = 0,
  differs: Parameters<typeof windowOf>[0] = { others: { trap: 50 } },
): readonly Window[] {
  return Array.from({ length: count }, (_, i) =>
    windowOf({ startMs: 1000 * i, ok: 1000, ...(i % 2 === 1 && i < 2 * bad && differs) }),
  );
}

/** A stretch of neighbours that differ. */
const outage = (count: number, from: number, to: number) =>
  windows(count).map((one, i) =>
    i >= from && i < to ? windowOf({ startMs: 1000 * i, ok: 1000, others: { trap: 400 } }) : one,
  );

function trouble(of: number, bad: number): RareTrouble {
  return troubleSince(guardrails, windows(20), windows(of, bad)) ?? expect.fail('no trouble was seen');
}

it('tells of failures in a few windows since the change, however many windows are without one', () => {
  const { guardrail, bad, of, says } = trouble(24, 3);
  expect([guardrail.text, bad, of]).toEqual(['errors within 0.1pp', 3, 24]);
  expect(says).toContain('3 times in 24 windows');
});

it.each<readonly [string, readonly Window[], readonly Window[]]>([
  ['windows are few', windows(20), windows(11, 5)],
  ['one outage or two may have been all', windows(20), windows(24, 2)],
  ['the bad windows are neighbours, as those of one outage are', windows(20), outage(24, 5, 11)],
  ['calls failed before as well', windows(20, 3), windows(24, 3)],
  ['the failures are within the margin', windows(20), windows(24, 3, { others: { trap: 1 } })],
])('says nothing where %s', (_, before, recent) => {
  expect(troubleSince(guardrails, before, recent)).toBeNull();
});

it('counts each third window of what is bad for longer than an outage, and one good window among them hides nothing', () => {
  const badOf = (recent: readonly Window[]) => troubleSince(guardrails, windows(20), recent)?.bad ?? null;
  expect([6, 7, 16, 23, 24].map((bad) => badOf(outage(24, 0, bad)))).toEqual([null, 3, 6, 8, 8]);
  const oneGood = outage(24, 0, 24).map((one, i) => (i === 5 ? windowOf({ startMs: 1000 * i, ok: 1000 }) : one));
  expect(badOf(oneGood)).toBe(7);
});

it('is the setting’s where all of its windows are bad and none of the default’s, and both settings’ where all are', () => {
  const all = troubleSince(guardrails, windows(20), outage(24, 0, 24)) ?? expect.fail('no trouble was seen');
  expect(whoseTrouble(all, windows(20))).toBe('setting');
  expect(whoseTrouble(all, outage(12, 0, 12))).toBe('both');
  // What has just grown longer than an outage is not guilty yet.
  const grown = troubleSince(guardrails, windows(20), outage(24, 17, 24), true) ?? expect.fail('no trouble was seen');
  expect(whoseTrouble(grown, windows(48), true)).toBeNull();
});

it('is the setting’s once the default alone has far fewer bad windows, which takes longer the fewer they were', () => {
  expect(whoseTrouble(trouble(24, 8), windows(12))).toBeNull();
  expect(whoseTrouble(trouble(24, 8), windows(18))).toBe('setting');
  expect(whoseTrouble(trouble(24, 3), windows(48))).toBeNull();
  expect(whoseTrouble(trouble(13, 3), windows(48))).toBe('setting');
  // No more windows will come, and none of those there are was bad.
  expect(whoseTrouble(trouble(24, 3), windows(48), true)).toBe('setting');
  expect(whoseTrouble(trouble(24, 3), windows(48, 1), true)).toBeNull();
  // Of a look that repeats they were the worst of many windows.
  const repeated = { ...trouble(24, 3), repeats: true };
  expect(whoseTrouble(repeated, windows(48), true)).toBeNull();
  expect(whoseTrouble({ ...repeated, bad: 5 }, windows(48), true)).toBe('setting');
});

it('is nobody’s where the default alone has half as many bad windows, or where windows are few', () => {
  expect(whoseTrouble(trouble(24, 8), windows(18, 3))).toBe('both');
  expect(whoseTrouble(trouble(24, 8), windows(11))).toBeNull();
});

/**
 * Looks of twelve hours at windows of five seconds, half an hour apart, each with the default left alone for four minutes;
 * outages strike one window of fifty, whatever is set.
 * @returns looks, and whether one has found the setting guilty
 */
function lookedAt(seed: number): readonly [looks: number, convicts: boolean] {
  const random = randomStream(seed, 'outages');
  const [quiet, struck] = [windowOf({ ok: 200 }), windowOf({ ok: 200, others: { trap: 10 } })];
  const draw = (count: number) => Array.from({ length: count }, () => (random() < 0.02 ? struck : quiet));
  let before: readonly Window[] = Array.from({ length: 10 }, () => quiet);
  let looks = 0;
  for (let at = 0, recent = draw(24); at < 8640; at++, recent = [...recent.slice(1), ...draw(1)]) {
    if (recent.filter((one) => one === struck).length < 3) continue;
    const found = troubleSince(guardrails, before, recent, true);
    if (!found) continue;
    looks++;
    const alone = draw(48);
    for (let count = 12; count <= 48; count++) {
      const whose = whoseTrouble(found, alone.slice(0, count), count === 48);
      if (whose === 'setting') return [looks, true];
      if (whose === 'both') break;
    }
    before = alone;
    at += 360;
    recent = draw(24);
  }
  return [looks, false];
}

it('outages that strike both settings alike convict neither, however often one looks', () => {
  const days = Array.from({ length: 10 }, (_, i) => lookedAt(i));
  expect(days.reduce((sum, [looks]) => sum + looks, 0)).toBeGreaterThan(20);
  expect(days.filter(([, convicts]) => convicts).length).toBe(0);
});
