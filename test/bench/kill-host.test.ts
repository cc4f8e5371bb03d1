import { describe, expect, it } from 'vitest';
import { type Hearing, heard, nothingHeard, stages, toldToEnd } from '../../bench/accept/kill-host/hearing.ts';
import type { Seen } from '../../bench/accept/kill-host/lanes.ts';
import { isDue, momentIn, momentsOf } from '../../bench/accept/kill-host/moments.ts';
import type { Said } from '../../bench/accept/kill-host/said.ts';
import { killHostRows } from '../../bench/accept/kill-host.ts';
import type { Row } from '../../bench/accept/rows.ts';

const session = 7;
const settings = { threads: 3 };
/** Lines of one session: names of entries, 'window' and 'candidate window' for windows that begin, 'durable'. */
function hearing(lines: readonly string[]): Hearing {
  let place = 0;
  return lines.reduce(
    (known: Hearing, line) =>
      heard(
        known,
        saidAs(line, place, () => ++place),
      ),
    nothingHeard,
  );
}

function saidAs(line: string, place: number, next: () => number): Said {
  if (line === 'opening') return { kind: 'opening', configured: settings };
  if (line === 'durable') return { kind: 'durable', session, place };
  if (line.endsWith('window')) return { kind: 'measuring', onAnchor: line === 'window' };
  return { kind: 'entry', session, place: next(), what: line, digest: `${place}`, settings };
}

const begun = ['opening', 'session:auto', 'event:begin', 'record:intent:anchor', 'event:done', 'window'];
const tried = [...begun, 'event:measured:baseline', 'record:sealed', 'record:trial:candidate', 'record:intent:trial'];
const committed = [...tried, 'event:done', 'window', 'record:decision:commit', 'record:trial:hold-back', 'window'];

describe('the stage of a watched service', () => {
  it.each([
    ['start', ['opening', 'session:auto', 'event:begin']],
    ['observing', begun],
    ['a/a', [...begun, 'record:trial:a/a', 'event:done', 'window']],
    ['probing', [...begun, 'record:probe', 'record:intent:probe', 'event:done', 'candidate window']],
    ['intent', tried],
    ['baseline', [...tried, 'event:done', 'candidate window', 'window']],
    ['candidate', [...tried, 'event:done', 'window', 'candidate window']],
    ['hold-back', committed],
    ['commit', [...committed, 'record:anchor']],
    ['commit', [...committed, 'record:anchor', 'window']],
    ['observing', [...committed, 'record:anchor', 'durable', 'window']],
    ['observing', [...tried, 'event:done', 'window', 'record:decision:revert']],
  ] as const)('is %s after %j', (stage, lines) => {
    expect(hearing(lines).stage).toBe(stage);
  });

  it('the stage of a watched service stays that of one told to end, whatever it says then', () => {
    const ending = toldToEnd(hearing(tried));
    expect(heard(ending, { kind: 'measuring', onAnchor: true }).stage).toBe('stop');
  });

  it('the stage of a watched service is known to lead nowhere once the session rests, and not while it only looks at itself', () => {
    expect(hearing([...begun, 'record:phase:resting']).rests).toBe(true);
    expect(hearing([...begun, 'record:phase:observing']).rests).toBe(false);
  });

  it('the stage of a watched service comes with what was in force in the first window, and with how much is on disk', () => {
    const known = hearing([...begun, 'event:measured:baseline', 'durable']);
    expect(known).toMatchObject({ mode: 'auto', anchor: settings, standsOn: settings });
    expect(known.sessions.get(session)).toMatchObject({ durable: 5, digests: ['0', '1', '2', '3', '4'] });
  });
});

describe('the moments of kills', () => {
  it('the moments of kills are as many as were asked for, in every stage alike, and the same for the same seed', () => {
    const moments = momentsOf(500, 1).flat();
    expect(moments).toHaveLength(500);
    for (const stage of stages) expect(moments.filter((one) => one.stage === stage)).toHaveLength(50);
    expect(momentsOf(500, 1)).toEqual(momentsOf(500, 1));
    expect(momentsOf(500, 2)).not.toEqual(momentsOf(500, 1));
    expect(momentsOf(13, 1).flat()).toHaveLength(13);
  });

  it('on one ledger the kill in a commit comes after those in a probe and in a hold-back, which a kept setting leaves no cause for', () => {
    for (const ledger of momentsOf(500, 3)) {
      const order = ledger.map((one) => one.stage);
      const committed = order.indexOf('commit');
      expect(order.indexOf('probing')).toBeLessThan(committed);
      expect(order.indexOf('hold-back')).toBeLessThan(committed);
      const proposed = ledger.slice(0, committed).filter(({ stage }) => stage !== 'hold-back');
      expect(proposed.flatMap(({ proposals }) => proposals.filter(({ threads }) => Number(threads) > 3))).toEqual([]);
    }
  });

  it('the moments of kills are due in their own stage only, and after as many windows as they say', () => {
    const moment = { ...momentIn('candidate', () => 0), windows: 2 };
    const once = hearing([...tried, 'event:done', 'candidate window']);
    expect(isDue(moment, once)).toBe(false);
    expect(isDue(moment, heard(once, { kind: 'measuring', onAnchor: true }))).toBe(false);
    expect(isDue(moment, heard(once, { kind: 'measuring', onAnchor: false }))).toBe(true);
  });
});

describe('accept kill-host', () => {
  const asked = momentsOf(10, 1).flat();
  const good: readonly Seen[] = asked.map(({ stage }) => ({ stage, fired: true, started: true, wrong: {} }));
  const control = (guard: 'anchor' | 'durable' | 'transaction', wrong: Seen['wrong']) => ({
    guard,
    seen: [{ stage: null, fired: false, started: true, wrong }],
  });
  const controls = [
    control('anchor', { start: 'elsewhere' }),
    control('durable', { durable: 'fewer' }),
    control('transaction', { agreement: 'another' }),
  ];
  const failed = (rows: readonly Row[]) => rows.filter((row) => row.passed !== true).map((row) => row.name);

  it('accept kill-host passes when every kill fired, nothing was wrong, and each want of a guard was seen', () => {
    expect(failed(killHostRows(asked, good, controls))).toEqual([]);
  });

  it('accept kill-host fails for a kill that came elsewhere, in all and in its stage', () => {
    const [first, ...rest] = good as [Seen, ...Seen[]];
    const rows = killHostRows(asked, [{ ...first, fired: false }, ...rest], controls);
    expect(failed(rows)).toEqual(['kills that fired', `of these in ${first.stage}`]);
  });

  it('accept kill-host fails for each thing that was wrong, and for a guard that was not missed', () => {
    const [first, ...rest] = good as [Seen, ...Seen[]];
    const wrong = [{ ...first, wrong: { start: 'elsewhere', chain: 'cut' } }, ...rest];
    expect(failed(killHostRows(asked, wrong, controls.slice(0, 2)))).toEqual([
      'starts that do not stand on the anchor',
      'ledgers whose chain is not whole',
    ]);
    expect(failed(killHostRows(asked, good, [control('durable', { start: 'elsewhere' })]))).toHaveLength(1);
  });
});
