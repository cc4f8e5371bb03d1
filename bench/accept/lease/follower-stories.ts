/** Stories of those who follow the holder of the lease, or must not. */
import { type Program, sleep } from './program.ts';
import { commit, followMs, inTrial, type Outcome, pair, type Story, sizesText, takesOver, trialMs } from './story.ts';

export const followerStories: readonly Story[] = [
  {
    name: 'an anchor was written before a follower starts',
    expected: 'in force 5 s after its start, with one intent',
    faults: 1,
    async play(stage) {
      const holder = await stage.start();
      await commit(holder, 8);
      stage.fired++;
      const follower = await stage.start();
      const heard = await follower.until('follow', ({ outcome, size }) => outcome === 'taken' && size === 8, followMs);
      return followed(follower, heard !== null, [8]);
    },
  },
  {
    name: 'an anchor is written while a follower runs',
    expected: 'in force there within 5 s, not before its hold-back has passed, with one intent',
    faults: 1,
    async play(stage) {
      const holder = await stage.start({ holdsBack: true });
      const follower = await stage.start();
      const writtenMs = await commit(holder, 8);
      stage.fired++;
      const heard = await follower.until('applied', ({ size }) => size === 8, followMs);
      const afterMs = (heard?.atMs ?? Number.POSITIVE_INFINITY) - writtenMs;
      return followed(follower, afterMs > 0 && afterMs <= followMs, [8]);
    },
  },
  {
    name: 'the holder tries a size and takes it back',
    expected: 'a follower applies nothing',
    faults: 1,
    control: 'anchor only',
    async play(stage, guardOff) {
      const holder = await stage.start();
      const follower = await stage.start({ ...(guardOff && { guardOff }) });
      await inTrial(holder);
      stage.fired++;
      await holder.until('decision', () => true, trialMs);
      await sleep(followMs);
      return followed(follower, true, []);
    },
  },
  {
    name: 'the holder’s anchor breaks a guardrail of a follower, and another is written later',
    expected: 'the follower goes back to its default and stays there, then follows the other',
    faults: 2,
    control: 'guardrails',
    async play(stage, guardOff) {
      const holder = await stage.start();
      const follower = await stage.start({ ...(guardOff && { guardOff }) });
      follower.tell({ do: 'fail', on: true });
      await commit(holder, 8);
      stage.fired++;
      const left = await follower.until('follow', ({ outcome }) => outcome === 'left', 20_000);
      await sleep(6000);
      const between = follower.applied();
      follower.tell({ do: 'fail', on: false });
      await commit(holder, 16);
      stage.fired++;
      const taken = await follower.until('follow', ({ size, outcome }) => size === 16 && outcome === 'taken', followMs);
      return {
        isRight: left !== null && between.join() === '8,1' && taken !== null,
        came: `applied ${sizesText(follower.applied())}${left ? `; left: ${left.text}` : '; never left'}`,
      };
    },
  },
  {
    name: 'programs in observe and in confirm, and one of another default, beside a holder that commits',
    expected: 'none of them applies anything',
    faults: 1,
    async play(stage) {
      const holder = await stage.start();
      const others = [
        await stage.start({ mode: 'observe' }),
        await stage.start({ mode: 'confirm' }),
        await stage.start({ configured: 2 }),
      ];
      await commit(holder, 8);
      stage.fired++;
      await sleep(2 * followMs);
      const applied = others.map((one) => sizesText(one.applied()));
      return { isRight: applied.every((one) => one === 'nothing'), came: `applied ${applied.join(', ')}` };
    },
  },
  {
    name: 'the holder is killed after a commit that a follower took',
    expected: 'the follower tunes within 30 s, on that anchor all the while',
    faults: 1,
    async play(stage) {
      const [holder, follower] = await pair(stage);
      await commit(holder, 8);
      await follower.until('follow', ({ outcome }) => outcome === 'taken', followMs);
      await holder.kill();
      stage.fired++;
      const { isRight, came } = await takesOver(follower);
      const begun = follower.of('session').at(-1)?.anchor;
      const applied = follower.applied();
      return {
        isRight: isRight && begun === 8 && applied[0] === 8 && !applied.includes(1),
        came: `${came}, on ${begun}, applied ${sizesText(applied)}`,
      };
    },
  },
];

/** What a follower applied, and by how many intents. */
function followed(follower: Program, inTime: boolean, wanted: readonly number[]): Outcome {
  const applied = follower.applied();
  const intents = follower.of('intent').filter(({ purpose }) => purpose === 'follow');
  return {
    isRight: inTime && applied.join() === wanted.join() && intents.length === wanted.length,
    came: `applied ${sizesText(applied)}${inTime ? '' : ', too late'}, ${intents.length} intents`,
  };
}
