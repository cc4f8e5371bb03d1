/**
 * What to try next: every model says what it expects of its knobs, and `predict` picks the best.
 *
 *   Seen ──▶ Context ──▶ views ──▶ proposal worth a trial (largest gain × probability)
 *                                  ▷ else the probe with the most to learn
 *                                  ▷ else a cheaper setting that loses nothing
 *                                  ▷ else, once idle, a look at what no model expects anything of
 *                                  ▷ else why not
 *
 * `predict` is pure: the same windows give the same answer. The models integrate over what they do not
 * know with even draws (draws.ts) and leave the random source of the contract unused.
 */
import type { KnobSpec, Predict, Prediction, Proposal, Seen, Settings } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import { hasEffect } from '../entries/acting.ts';
import { changes, isCheaper, sameSettings, valueText } from '../entries/settings.ts';
import { batchModel } from './batch.ts';
import { beyondModel } from './beyond.ts';
import { cacheModel } from './cache.ts';
import { callsPerThreadModel } from './calls-per-thread.ts';
import { concurrencyModel } from './concurrency.ts';
import { contextOf, isUntold } from './context.ts';
import { idleModel } from './idle-timeout.ts';
import { jointModel } from './joint.ts';
import { lingerModel } from './linger.ts';
import { asksForLook } from './looks.ts';
import { type Model, type View, worthLog } from './model.ts';
import { searchViews } from './search/search.ts';
import { threadsModel } from './threads.ts';
import { tierModel } from './tier.ts';
import { transportModel } from './transport.ts';

const models: readonly Model[] = [
  batchModel,
  transportModel,
  threadsModel,
  callsPerThreadModel,
  jointModel,
  concurrencyModel,
  lingerModel,
  cacheModel,
  idleModel,
  tierModel,
  beyondModel,
];

/** A setting that is expected to be better, or a setting to visit, or the reason why neither is offered. */
export const predict: Predict = (seen) => {
  const views = viewsOf(seen);
  if (typeof views === 'string') return { none: views };
  const best = bestOf(
    seen,
    views
      .flatMap((view) => view.proposal ?? [])
      .filter((proposal) => seen.may?.look !== false || !asksForLook(seen, proposal)),
  );
  const probes = views.flatMap((view) => view.probe ?? []).sort((a, b) => b.upside - a.upside);
  const first = probes.find(({ isFirst }) => isFirst);
  if (best && !(first && comesBefore(seen, first.settings, best.settings))) return best;
  const probe = first ?? probes[0];
  if (probe) {
    const { settings, learns, toBeat, tour } = probe;
    return { probe: settings, learns, ...(toBeat !== undefined && { toBeat }), ...(tour && { tour }) };
  }
  const [cheaper] = views.flatMap((view) => view.cheaper ?? []).sort((a, b) => b.gain.estimate - a.gain.estimate);
  if (cheaper) return cheaper;
  const around = seen.may?.tour ? aroundIn(seen) : undefined;
  if (around) return around;
  if (views.length === 0) return { none: 'no model knows any of these knobs' };
  return { none: views.map((view) => `${view.model}: ${view.reason}`).join('; ') };
};

/**
 * What a search over all knobs asks for or has found, those of the models too. A law may be wrong about a service, and
 * then nothing else ever moves its knob: of a pool whose CPUs only seem busy, say, or one with far too many threads.
 */
function aroundIn(seen: Seen): Prediction | undefined {
  const context = contextOf(seen);
  if (typeof context === 'string' || context.headroom <= worthLog(context)) return undefined;
  const acting = seen.knobs.filter((knob) => hasEffect(knob, seen.current));
  for (const { proposal, probe } of searchViews(context, acting, true)) {
    if (proposal) return proposal;
    if (probe)
      return {
        probe: probe.settings,
        learns: probe.learns,
        tour: true,
        ...(probe.toBeat !== undefined && { toBeat: probe.toBeat }),
      };
  }
  return undefined;
}

/** Before what was seen already, and before a smaller step in the same direction. */
function comesBefore(seen: Seen, first: Settings, best: Settings): boolean {
  if (seen.windows.some(({ settings }) => sameSettings(settings, best))) return true;
  const [step, more] = changes(seen.current, first);
  const [other, another] = changes(seen.current, best);
  if (!step || !other || more || another || step[0] !== other[0]) return false;
  const [from, to, known] = [step[1], step[2], other[2]].map(Number) as [number, number, number];
  return to > from ? known > from && to > known : known < from && to < known;
}

/** False where no model has anything to say: none knows the knobs, or too little was seen. */
export function isAnyModelAsked(seen: Seen): boolean {
  const views = viewsOf(seen);
  return typeof views !== 'string' && views.length > 0;
}

/** What every model says of its knobs; a string says what is missing before any of them can say something. */
export function viewsOf(seen: Seen): readonly View[] | string {
  const context = contextOf(seen);
  if (typeof context === 'string') return context;
  const modelled = isUntold(context) ? [] : models.flatMap((model) => model(context) ?? []);
  const known = new Set(modelled.flatMap((view) => view.knobs));
  const idle = seen.knobs.filter((knob) => !hasEffect(knob, seen.current));
  const rest = seen.knobs.filter((knob) => !known.has(knob.id) && !idle.includes(knob));
  const views = [...modelled, ...searchViews(context, rest), ...idle.map((knob) => idleView(knob))];
  return context.headroom > worthLog(context) ? views : views.map((view) => withoutGain(view, context.headroom));
}

function idleView({ id, actsUnder = {} }: KnobSpec): View {
  const under = Object.entries(actsUnder).map(([other, value]) => `${other} is ${valueText(value)}`);
  const reason = `${id} has an effect only while ${under.join(' and ')}`;
  return { model: 'no effect', knobs: [id], identifiable: true, curve: [], reason };
}

/** The view where an open load is served as it arrives: more capacity would gain nothing, so only a saving remains. */
function withoutGain(view: View, headroom: number): View {
  const { model, knobs, identifiable, curve, cheaper } = view;
  const reason = `calls are served as they arrive, so that at most ${percentText(Math.expm1(headroom))} of the objective is to be had unless faster answers bring more of them; ${view.reason}`;
  return { model, knobs, identifiable, curve, reason, ...(cheaper && { cheaper }) };
}

/**
 * The proposal with the largest gain × probability; of nearly equal ones one that saves, then one that costs no more than
 * the setting in force, then the cheapest, then one whose change loses fewer calls, then the one that moves fewer knobs.
 */
function bestOf(seen: Seen, proposals: readonly Proposal[]): Proposal | undefined {
  const worth = ({ gain, pGain }: Proposal) => Math.log1p(gain.estimate) * pGain;
  const top = Math.max(...proposals.map(worth));
  const near = proposals.filter((proposal) => worth(proposal) >= 0.98 * top);
  const dearer = (proposal: Proposal) => (isCheaper(seen.knobs, proposal.settings, seen.current) ? 1 : 0);
  const loses = (proposal: Proposal) =>
    changes(seen.current, proposal.settings).reduce((sum, [id]) => sum + (seen.changeLosesMs?.[id] ?? 0), 0);
  const moved = (proposal: Proposal) => changes(seen.current, proposal.settings).length;
  const saves = near.find((proposal) => isCheaper(seen.knobs, seen.current, proposal.settings));
  if (saves) return saves;
  const ranked = near.toSorted(
    (a, b) => dearer(a) - dearer(b) || loses(a) - loses(b) || moved(a) - moved(b) || worth(b) - worth(a),
  );
  return ranked
    .filter((one) => ranked[0] && dearer(one) === dearer(ranked[0]))
    .reduce<Proposal | undefined>(
      (kept, one) => (kept && !isCheaper(seen.knobs, kept.settings, one.settings) ? kept : one),
      undefined,
    );
}
