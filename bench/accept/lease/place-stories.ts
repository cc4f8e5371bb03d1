/** Stories of who can be seen from where: containers, processes that are hidden, clocks that differ. */

import {
  beside,
  container,
  foreignProc,
  hiddenBeside,
  type Place,
  refusalOf,
  shiftedBeside,
  withoutProc,
} from './places.ts';
import { sleep } from './program.ts';
import type { Stage } from './stage.ts';
import { commit, firstTunesAlone, pair, type Story, sizesText, takesOver, watchedMs } from './story.ts';

const web = container('web');

export const placeStories: readonly Story[] = [
  {
    name: 'a container is killed and restarted: its program has the same pid',
    expected: 'the new one tunes within 30 s',
    faults: 1,
    place: web,
    async play(stage) {
      const first = await stage.start({}, web);
      const before = first.of('ready')[0]?.identity;
      await first.kill();
      const second = await stage.start({}, web);
      if (second.of('ready')[0]?.identity.pid === before?.pid) stage.fired++;
      return takesOver(second);
    },
  },
  {
    name: 'a container is killed, and its program runs with the same pid in another one',
    expected: 'the new one tunes within 30 s, and was never on what the dead one had committed',
    faults: 1,
    place: web,
    async play(stage) {
      const first = await stage.start({}, web);
      const before = first.of('ready')[0]?.identity;
      await commit(first, 8);
      // When the third begins, another container has the namespace that the first one left.
      const second = await stage.start({ mode: 'observe' }, web);
      await first.kill();
      await stage.start({ mode: 'observe' }, web);
      await second.kill();
      const third = await stage.start({}, web);
      const after = third.of('ready')[0]?.identity;
      if (after?.pid === before?.pid && after?.namespace !== before?.namespace) stage.fired++;
      const { isRight, came } = await takesOver(third);
      const applied = third.applied();
      return { isRight: isRight && !applied.includes(8), came: `${came}, applied ${sizesText(applied)}` };
    },
  },
  {
    name: 'both are stopped for 25 s, as a paused container is, and resumed',
    expected: 'the holder tunes on',
    faults: 2,
    async play(stage) {
      const both = await pair(stage);
      await sleep(4000);
      for (const program of both) if (await program.holds('SIGSTOP')) stage.fired++;
      await sleep(25_000);
      for (const program of both.toReversed()) await program.holds('SIGCONT');
      return firstTunesAlone(both, 12_000);
    },
  },
  {
    ...besides('two containers on one volume, both with pid 1', async () => [container('web-1'), container('web-2')]),
    control: 'lease',
  },
  besides('two containers of one host name, both with pid 1', async () => [web, web]),
  besides('two containers that cannot read /proc', async () => [withoutProc, withoutProc]),
  besides('two containers that see the /proc of the host', async () => [foreignProc, foreignProc]),
  besides('a second program, of a user who sees no process of others', async (stage) => {
    const pid = await stage.pod();
    return [beside(pid), hiddenBeside(pid)];
  }),
  besides('a second program, under clocks that began elsewhere', async (stage) => {
    const pid = await stage.pod();
    return [beside(pid), shiftedBeside(pid)];
  }),
  clockStory('forward', 5),
  clockStory('back', -5),
];

/** Two programs of which the second must not take the lease of the first, in the places given. */
function besides(name: string, placesOf: (stage: Stage) => Promise<readonly [Place, Place]>): Story {
  return {
    name,
    expected: 'the first tunes alone, and the second once the first was killed',
    faults: 2,
    place: container('any'),
    async play(stage, guardOff) {
      const places = await placesOf(stage);
      for (const place of places) {
        const refused = refusalOf(place);
        if (refused) return { isRight: false, came: `not played: ${refused}`, unplayed: 'skipped' };
      }
      const holder = await stage.start({}, places[0]);
      await stage.share();
      const other = await stage.start({ ...(guardOff && { guardOff }) }, places[1]);
      stage.fired++;
      const alone = await firstTunesAlone([holder, other]);
      if (!alone.isRight) return alone;
      await holder.kill();
      stage.fired++;
      const next = await takesOver(other);
      return { ...next, came: `alone for ${watchedMs / 1000} s, then the other ${next.came}` };
    },
  };
}

function clockStory(way: string, hours: number): Story {
  return {
    name: `the holder’s clock is set ${Math.abs(hours)} h ${way}, and a third program starts under the right one`,
    expected: 'the holder tunes on; once it was killed one of the others tunes within 30 s',
    faults: 2,
    async play(stage) {
      const [holder, other] = await pair(stage);
      const byMs = hours * 3_600_000;
      const { wallMs } = await holder.ask({ do: 'step clock', byMs }, 'clock');
      if (Math.abs(wallMs - Date.now() - byMs) < 60_000) stage.fired++;
      await sleep(5000);
      const third = await stage.start();
      const alone = await firstTunesAlone([holder, other, third]);
      if (!alone.isRight) return alone;
      await holder.kill();
      stage.fired++;
      const next = await Promise.race([takesOver(other), takesOver(third)]);
      return { ...next, came: `alone for ${watchedMs / 1000} s, then another ${next.came}` };
    },
  };
}
