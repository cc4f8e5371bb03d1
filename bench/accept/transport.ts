/**
 * Workers that end at every place of a call's way, calls that are given up by the thousand, and `close()` in
 * every state, over both transports: every call that was taken in settles exactly once, the pool is back to
 * its size, and nothing is left in the rings.
 */
import { randomStream } from '../../src/foundation/random.ts';
import type { PartOptions } from './results.ts';
import { exactly, type Row, withoutLimit } from './rows.ts';
import { bareStartMs } from './transport/bare-start.ts';
import { closeInEveryState } from './transport/closings.ts';
import { killAt, places } from './transport/places.ts';
import { storm } from './transport/storms.ts';
import {
  Audit,
  backToSizeMs,
  openSandbox,
  settled,
  type TransportName,
  WatchedRings,
  WatchedWorkers,
} from './transport/watched.ts';

const transports: readonly TransportName[] = ['message', 'ring'];
/** A pool has to be back to its size within so long, ms … */
const mostToSizeMs = 1000;
/**
 * … or, where the machine is too busy for that, within so many times what a bare worker takes to start just after: a
 * worker that is ended while it starts is followed by another, and both have to have answered a call.
 */
const mostBareStarts = 3;
/** So many kills for each storm of aborts. */
const killsAStorm = 40;

export const transport = {
  fullCount: 2000,
  async run({ count, seed, progress }: PartOptions) {
    const rows: Row[] = [];
    const runs: unknown[] = [];
    for (const name of transports) {
      const { rows: own, run } = await acceptTransport(name, count / transports.length, seed, progress);
      rows.push(...own.map((row) => ({ ...row, name: `${name}: ${row.name}` })));
      runs.push(run);
    }
    return { rows, runs };
  },
};

export async function acceptTransport(
  name: TransportName,
  wanted: number,
  seed: number,
  progress: (text: string) => void,
): Promise<{ readonly rows: readonly Row[]; readonly run: unknown }> {
  const random = randomStream(seed, `transport/${name}`);
  using workers = new WatchedWorkers();
  using rings = new WatchedRings();
  const audit = new Audit();
  const kills: Record<string, number> = Object.fromEntries(places.map((place) => [place, 0]));
  const sizeMs: number[] = [];
  const bareMs = [await bareStartMs()];
  let tooLate = 0;
  let undrained = 0;
  let undrainedRegions = 0;
  let total = 0;
  const sandbox = await openSandbox(name);
  while (total < wanted) {
    const place = places[Math.floor(random() * places.length)] as (typeof places)[number];
    const { kills: ended, calls } = await killAt(place, { sandbox, workers, audit, random });
    total += ended;
    kills[place] = (kills[place] ?? 0) + ended;
    await settled(calls);
    const tookMs = await backToSizeMs(sandbox);
    sizeMs.push(tookMs);
    if (tookMs > mostToSizeMs) {
      const startMs = await bareStartMs();
      bareMs.push(startMs);
      progress(`${name}: back to size in ${Math.round(tookMs)} ms, a bare worker's start ${Math.round(startMs)} ms`);
      if (tookMs > mostBareStarts * startMs) tooLate++;
    }
    undrained += await rings.undrained();
    undrainedRegions += rings.heldRegions(audit.leases);
    if (total % 100 < ended) progress(`${name}: ${total} kills`);
  }
  const storms = Math.max(1, Math.round(wanted / killsAStorm));
  const stormed = new Audit();
  for (let one = 0; one < storms; one++) await settled(await storm({ sandbox, audit: stormed, random }));
  await backToSizeMs(sandbox);
  undrained += await rings.undrained();
  audit.release(() => true);
  undrainedRegions += rings.heldRegions(0);
  const { offered, outcomes, inFlight } = sandbox.totals();
  const counted = Object.values(outcomes).reduce((sum, one) => sum + one, 0);
  await sandbox.close();
  progress(`${name}: close() in every state`);
  const closing = await closeInEveryState(name, workers, random, Math.min(1, wanted / 60));
  for (const failure of closing.failures) progress(failure);
  const strange = Object.keys(audit.outcomes).filter((outcome) => outcome !== 'ok' && outcome !== 'lost');
  const strangeInStorm = Object.keys(stormed.outcomes).filter((outcome) => outcome !== 'ok' && outcome !== 'enough');
  const rows = [
    ...places.map((place) => withoutLimit(`workers ended ${place}`, kills[place] ?? 0)),
    exactly('calls that did not settle exactly once', audit.astray + stormed.astray, 0),
    exactly('offered − settled − in flight', offered - counted - inFlight, 0),
    exactly('in flight at the end', inFlight, 0),
    exactly('wrong values', audit.wrong + stormed.wrong, 0),
    exactly('outcomes other than ok, lost and what was given up', strange.length + strangeInStorm.length, 0),
    exactly('rings with something left in them', undrained, 0),
    exactly('regions held that nobody has', undrainedRegions, 0),
    exactly('bytes in a buffer that no call put there', audit.misplaced, 0),
    withoutLimit('leases out at once, most', audit.mostLeases),
    withoutLimit('back to size, slowest, ms', Math.round(Math.max(...sizeMs))),
    withoutLimit('start of a bare worker of the same files, slowest, ms', Math.round(Math.max(...bareMs))),
    exactly(`later than ${mostToSizeMs} ms and than ${mostBareStarts} starts of a bare worker`, tooLate, 0),
    withoutLimit('calls given up in storms', stormed.outcomes['enough'] ?? 0),
    withoutLimit('states that close() was called in', closing.states),
    exactly('calls astray after close()', closing.astray, 0),
    exactly('wrong values after close()', closing.wrong, 0),
    exactly('close() that never ended', closing.neverClosed, 0),
    exactly('workers left after close()', closing.workersLeft, 0),
  ];
  return { rows, run: { name, kills, outcomes: audit.outcomes, stormed: stormed.outcomes, sizeMs, bareMs, closing } };
}
