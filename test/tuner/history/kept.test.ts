import { describe, expect, it } from 'vitest';
import { collect } from '../../../exporters/report/collect/collect.ts';
import { report } from '../../../exporters/report/report.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { extendKept, type KeptSession, nothingKept } from '../../../tuner/history.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { adviceStory, interruptedStory, noChangeStory, richStory } from '../../support/sample-stories.ts';
import { betterFromEight, tunedWorld } from '../../support/tuned-world.ts';

const stories = {
  rich: richStory({ session: 1 }),
  'no change': noChangeStory({ session: 2 }),
  interrupted: interruptedStory({ session: 3 }),
  advice: adviceStory({ session: 4 }),
};

const kept = (entries: readonly Entry[], from: KeptSession = nothingKept) => entries.reduce(extendKept, from);
const jsonOf = (one: KeptSession) => JSON.stringify(collect(one));

describe('what is kept of a running session', () => {
  it.each(Object.entries(stories))('a report of what was kept of the %s story is that of its ledger', (_, story) => {
    let running = nothingKept;
    for (const [index, entry] of story.entries()) {
      running = extendKept(running, entry);
      // A ledger is read anew for each report, so a few lengths stand for all.
      const isLooked = index % 41 === 0 || index === story.length - 1;
      if (isLooked) expect(jsonOf(running)).toBe(JSON.stringify(report(memoryLedger(story.slice(0, index + 1))).data));
    }
  });

  it('what is kept of a running session is plain data: stored after half of the entries it goes on as if it had never stopped', () => {
    const story = stories.rich;
    const half = Math.floor(story.length / 2);
    const stored = JSON.parse(JSON.stringify(kept(story.slice(0, half)))) as KeptSession;
    expect(kept(story.slice(half), stored)).toEqual(kept(story));
  });

  it('what is kept of a running session is of the session that began last, and takes nothing from another', () => {
    const both = kept([...stories['no change'], ...stories.rich, ...stories['no change'].slice(1)]);
    expect(both).toEqual(kept(stories.rich));
  });

  it('what is kept of a running session counts an entry that cannot be read and leaves it out', () => {
    const broken = stories.rich.map((entry, i) => (i === 30 ? ({ kind: 'event', session: 1 } as Entry) : entry));
    expect(kept(broken).unreadable).toBe(1);
    expect(kept(broken).windows.count).toBe(kept(stories.rich).windows.count - 1);
  });
});

describe('report(tuner.ledger)', () => {
  it('reads no row of the ledger, and says what reading all of them says', async () => {
    const { tuner } = tunedWorld({ rate: betterFromEight });
    await tuner.propose({ size: 8 });
    await tuner.stop();
    const read = memoryLedger([...tuner.ledger.read()]);
    const unread = { ...tuner.ledger, kept: () => tuner.ledger.kept(), read: () => expect.fail('the ledger was read') };
    expect(report(unread as unknown as typeof tuner.ledger).json).toBe(report(read).json);
    expect(report(tuner.ledger).data.trials.length).toBeGreaterThan(0);
  });

  it('reads any other session from the ledger', () => {
    using ledger = openLedger({ stateDir: ':memory:', executor: 'demo sandbox' });
    ledger.append(stories['no change']);
    ledger.append(stories.rich);
    expect(report(ledger).data.session?.session).toBe(1);
    expect(report(ledger, { session: 2 }).json).toBe(report(memoryLedger(stories['no change'])).json);
    expect(() => report(ledger, { session: 77 })).toThrow(/sessions \(2, 1\), got 77/);
  });
});
