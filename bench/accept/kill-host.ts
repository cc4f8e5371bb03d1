/**
 * `kill -9` in an HTTP service on a piscina pool under load (examples/http-service.ts, as it stands), at
 * moments drawn by seed in every stage of its life. After each kill the ledger is read, and the next start
 * has to stand where it says. That each check can fail is shown by taking away what it guards.
 */
import { randomStream } from '../../src/foundation/random.ts';
import { type Guard, guards } from './kill-host/guards.ts';
import { type Stage, stages } from './kill-host/hearing.ts';
import { runLedgers, type Seen, type Wrong } from './kill-host/lanes.ts';
import { type Moment, momentIn, momentsOf } from './kill-host/moments.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly, type Row } from './rows.ts';

/** Kills without each guard. */
const withoutGuard = 4;
/** Between the record of an anchor and the setting kept so much later without the guard. */
const betweenMs = 30;

const wrongNames: Readonly<Record<Wrong, string>> = {
  start: 'starts that do not stand on the anchor',
  mode: 'starts that may not tune',
  failed: 'services that failed by themselves',
  unreadable: 'ledgers that cannot be read',
  replay: 'ledgers whose replay differs',
  agreement: 'ledgers whose last anchor is not the one kept',
  chain: 'ledgers whose chain is not whole',
  durable: 'ledgers that lack what was said to be on disk',
  content: 'ledgers that hold what was not appended',
};

/** Of each guard, what is wrong without it. */
const guarded: Readonly<Record<Guard, Wrong>> = { anchor: 'start', durable: 'durable', transaction: 'agreement' };

export const killHost = {
  fullCount: 500,
  async run({ count, seed, progress }: PartOptions) {
    const ledgers = momentsOf(count, seed);
    const seen = await runLedgers(ledgers, seed, null, (so) => {
      if (so.length % 10 === 0)
        progress(`${firedIn(so).length} of ${count} killed where asked, ${wrongIn(so).length} wrong`);
    });
    const controls: { guard: Guard; seen: readonly Seen[] }[] = [];
    for (const guard of guards) {
      const moments = Array.from({ length: Math.min(withoutGuard, count) }, () => [momentWithout(guard, seed)]);
      controls.push({ guard, seen: await runLedgers(moments, seed, guard, () => undefined) });
      progress(`without the guard '${guard}': ${wrongIn(controls.at(-1)?.seen ?? []).length} wrong`);
    }
    return { rows: killHostRows(ledgers.flat(), seen, controls), runs: [...seen, ...controls] };
  },
};

export function killHostRows(
  asked: readonly Moment[],
  seen: readonly Seen[],
  controls: readonly { readonly guard: Guard; readonly seen: readonly Seen[] }[],
): readonly Row[] {
  const inStage = (stage: Stage) => (one: { readonly stage: Stage | null }) => one.stage === stage;
  return [
    exactly('kills that fired', firedIn(seen).length, asked.length),
    ...stages
      .filter((stage) => asked.some(inStage(stage)))
      .map((stage) =>
        exactly(
          `of these in ${stage}`,
          firedIn(seen).filter(inStage(stage)).length,
          asked.filter(inStage(stage)).length,
        ),
      ),
    atLeast('starts held against the kill before', seen.filter((one) => one.started).length, asked.length / 2),
    ...Object.entries(wrongNames).map(([wrong, name]) =>
      exactly(name, seen.filter((one) => wrong in one.wrong).length, 0),
    ),
    ...controls.map(({ guard, seen: control }) => {
      const wrong = guarded[guard];
      return atLeast(
        `${wrongNames[wrong]}, without the guard '${guard}'`,
        control.filter((one) => wrong in one.wrong).length,
        1,
      );
    }),
  ];
}

function momentWithout(guard: Guard, seed: number): Moment {
  const random = randomStream(seed, guard);
  if (guard === 'anchor') return { ...momentIn('candidate', random), proposals: momentIn('commit', random).proposals };
  return {
    ...momentIn(guard === 'durable' ? 'intent' : 'commit', random),
    delayMs: guard === 'durable' ? 0 : betweenMs,
  };
}

function firedIn(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter((one) => one.fired);
}

function wrongIn(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter((one) => Object.keys(one.wrong).length > 0);
}
