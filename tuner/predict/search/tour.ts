/**
 * When a tour may be made of what nobody expects anything of, and over what. It is made for little, and so it may cost
 * little: one a day, none in a session that begins after the process ended under a probe, and it is over where a shift
 * makes worthless what it has found, for the next one would only find it again.
 *
 *   no tour yet ── first look ─▶ open ── a shift ─▶ over ── a day after the first look ─▶ the next
 *   the process ends under a probe ─▶ barred, to the end of the session that follows
 *
 * Knobs whose change is known to lose calls are left out. Where nobody knows whether it does, one knob is moved alone, and
 * its look comes back to find out (../../loop/phases/probing.ts). So is what lies as far or farther than that under which
 * the process ended.
 */
import type { Seen, Settings } from '../../../src/contracts.ts';
import type { Tour } from '../../entries/search-left.ts';
import { changes } from '../../entries/settings.ts';
import { isAsFar } from '../context.ts';
import { deathsIn } from './deaths.ts';

const dayMs = 86_400_000;

/** @param atMs Unix ms */
export function mayTourAt(tour: Tour | null, atMs: number): boolean {
  if (tour === null || tour.is === 'open') return true;
  return tour.is === 'over' && atMs - tour.beganAtMs >= dayMs;
}

/** With a look at `atMs`, Unix ms. */
export function tourAt(tour: Tour | null, atMs: number): Tour {
  const goesOn = tour?.is === 'open' && atMs - tour.beganAtMs < dayMs;
  return goesOn ? tour : { beganAtMs: atMs, is: 'open' };
}

export function overTour(tour: Tour): Tour {
  return { ...tour, is: 'over' };
}

/** True for what a tour may look at, or propose. */
export function isForTour({ current, changeLosesMs = {}, visits = [] }: Seen, settings: Settings): boolean {
  const moved = changes(current, settings).map(([id]) => id);
  const losses = moved.map((id) => (Object.hasOwn(changeLosesMs, id) ? changeLosesMs[id] : undefined));
  if (losses.some((lostMs) => lostMs !== undefined && lostMs > 0)) return false;
  if (moved.length > 1 && losses.includes(undefined)) return false;
  return !deathsIn(visits).some((death) => isAsFar(death, settings));
}
