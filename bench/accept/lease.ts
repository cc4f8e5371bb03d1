/**
 * The lease and those who follow its holder, as stories of real processes: killed, stopped, in containers
 * of their own, under clocks that are set. A story that passes proves little if it could not fail, so
 * that some are played again by programs that get round the guard, and must go wrong.
 */

import { followerStories } from './lease/follower-stories.ts';
import { holderStories } from './lease/holder-stories.ts';
import type { GuardOff } from './lease/lines.ts';
import { placeStories } from './lease/place-stories.ts';
import { refusalOf } from './lease/places.ts';
import { newStage } from './lease/stage.ts';
import type { Outcome, Story } from './lease/story.ts';
import type { PartOptions } from './results.ts';
import { exactly, type Row } from './rows.ts';

const stories: readonly Story[] = [...holderStories, ...placeStories, ...followerStories];
/** At a time: they mostly wait. */
const atOnce = 4;

export interface Played extends Outcome {
  readonly story: Pick<Story, 'name' | 'expected' | 'faults'>;
  readonly guardOff: GuardOff | null;
  readonly fired: number;
  readonly seconds: number;
}

export const lease = {
  fullCount: stories.length,
  async run({ count, progress }: PartOptions) {
    const chosen = stories.slice(0, count);
    const controls = chosen.flatMap((story) => (story.control ? [{ story, guardOff: story.control }] : []));
    const asked = [...chosen.map((story) => ({ story, guardOff: null })), ...controls];
    const played: Played[] = [];
    const waiting = [...asked];
    const next = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        const result = await play(one.story, one.guardOff);
        played.push(result);
        progress(`${result.seconds.toFixed(0)} s, ${textOf(result)}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next));
    const inOrder = asked.flatMap(({ story, guardOff }) =>
      played.filter((one) => one.story === story && one.guardOff === guardOff),
    );
    return { rows: inOrder.map(rowOf), runs: inOrder.map(({ story, ...one }) => ({ name: story.name, ...one })) };
  },
};

async function play(story: Story, guardOff: GuardOff | null): Promise<Played> {
  const startMs = performance.now();
  const refusal = story.place ? refusalOf(story.place) : null;
  const result = (outcome: Outcome, fired: number): Played => ({
    story,
    guardOff,
    fired,
    seconds: (performance.now() - startMs) / 1000,
    ...outcome,
  });
  if (refusal) return result({ isRight: false, came: `not played: ${refusal}`, unplayed: 'skipped' }, 0);
  await using stage = await newStage();
  try {
    const outcome = await story.play(stage, guardOff ?? undefined);
    return result(outcome, stage.fired);
  } catch (error) {
    return result({ isRight: false, came: `not played to its end: ${String(error)}`, unplayed: 'failed' }, stage.fired);
  }
}

function textOf({ story, guardOff, came }: Played): string {
  const name = guardOff ? `guard off (${guardOff}): ${story.name}` : story.name;
  return `${name}. Expected: ${story.expected}. Came: ${came}`;
}

/** The value is the number of faults that fired; of a story whose guard was off, whether it went wrong. */
export function rowOf(played: Played): Row {
  const { story, guardOff, fired, unplayed, isRight } = played;
  if (unplayed === 'skipped') return { name: textOf(played), value: 0, limit: 'skipped', passed: null };
  if (guardOff) return exactly(`${textOf(played)}. Went wrong, as it must`, isRight || unplayed ? 0 : 1, 1);
  const row = exactly(`${textOf(played)}. Faults fired`, fired, story.faults);
  return { ...row, passed: row.passed === true && isRight };
}
