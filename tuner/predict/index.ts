/**
 * What to try next, from what was seen: every model gives its view, the best is picked.
 *
 *   Seen ──▶ Context ──▶ views ──▶ proposal worth a trial (largest gain × probability)
 *                                  ▷ else the probe with the most to learn
 *                                  ▷ else a cheaper setting that loses nothing
 *                                  ▷ else why not
 *
 * Pure: the same windows give the same answer. Unknowns are integrated over with even draws
 * (draws.ts), so the random source of the contract is left for models that need chance.
 */
import type { Interval, Predict, Proposal, Seen, SettingValue } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import { changes, changesText, isCheaper } from '../entries/settings.ts';
import { batchModel } from './batch.ts';
import { cacheModel } from './cache.ts';
import { choiceView } from './choice.ts';
import { concurrencyModel } from './concurrency.ts';
import { contextOf, needsRestart } from './context.ts';
import { jointModel } from './joint.ts';
import { lingerModel } from './linger.ts';
import { type Model, type View, worthLog } from './model.ts';
import { idleModel, idleRecommendation, type SettingRecommendation } from './rules.ts';
import { threadsModel } from './threads.ts';

export type { SettingRecommendation } from './rules.ts';

const models: readonly Model[] = [
  batchModel,
  threadsModel,
  jointModel,
  concurrencyModel,
  lingerModel,
  cacheModel,
  idleModel,
];

/** A setting expected to be better, a setting to visit, or why neither. */
export const predict: Predict = (seen) => {
  const views = viewsOf(seen);
  if (typeof views === 'string') return { none: views };
  const best = bestOf(
    seen,
    views.flatMap((view) => view.proposal ?? []),
  );
  if (best) return best;
  const [probe] = views.flatMap((view) => view.probe ?? []).sort((a, b) => b.upside - a.upside);
  if (probe) return { probe: probe.settings, learns: probe.learns };
  const [cheaper] = views.flatMap((view) => view.cheaper ?? []).sort((a, b) => b.gain.estimate - a.gain.estimate);
  if (cheaper) return cheaper;
  if (views.length === 0) return { none: 'no model knows any of these knobs' };
  return { none: views.map((view) => `${view.model}: ${view.because}`).join('; ') };
};

/** What can be recommended without a trial: rules, and gains behind a restart. */
export function recommendSettings(seen: Seen): readonly SettingRecommendation[] {
  return [...idleRecommendation(seen), ...behindRestart(seen)];
}

/** A model's view of one knob, for people. */
export interface KnobView {
  readonly knob: string;
  readonly current: SettingValue | undefined;
  /** null: no model knows this knob. */
  readonly model: string | null;
  /** False: `because` says what the model would need. */
  readonly identifiable: boolean;
  readonly because: string;
  /** What the model would do; absent where it would leave the knob alone. */
  readonly suggestion?: {
    readonly kind: 'proposal' | 'probe' | 'cheaper';
    readonly value: SettingValue;
    readonly gain?: Interval;
  };
  /** Predicted gain by value; empty where nothing can be said. */
  readonly curve: readonly { readonly value: SettingValue; readonly gain: Interval }[];
}

/** Every knob with every model that speaks of it. */
export function explain(seen: Seen): readonly KnobView[] {
  const views = viewsOf(seen);
  return seen.knobs.flatMap((knob): readonly KnobView[] => {
    const base = { knob: knob.id, current: seen.current[knob.id], curve: [] };
    if (typeof views === 'string') return [{ ...base, model: null, identifiable: false, because: views }];
    const mine = views.filter((view) => view.knobs.includes(knob.id));
    if (mine.length === 0)
      return [{ ...base, model: null, identifiable: false, because: `no model knows '${knob.id}'` }];
    return mine.map((view) => ({
      ...base,
      model: view.model,
      identifiable: view.identifiable,
      because: view.because,
      curve: view.curve,
      ...suggestionOf(view, knob.id),
    }));
  });
}

function viewsOf(seen: Seen): readonly View[] | string {
  const context = contextOf(seen);
  if (typeof context === 'string') return context;
  const modelled = models.flatMap((model) => model(context) ?? []);
  const known = new Set(modelled.flatMap((view) => view.knobs));
  const rest = seen.knobs.filter(({ id }) => !known.has(id));
  const views = [...modelled, ...rest.flatMap((knob) => choiceView(context, knob) ?? [])];
  return context.headroom > worthLog(context) ? views : views.map((view) => withoutGain(view, context.headroom));
}

/** Calls are done as they arrive: whatever a model says of capacity, only a saving is left. */
function withoutGain(view: View, headroom: number): View {
  const { model, knobs, identifiable, curve, cheaper } = view;
  const because = `the load is open and served: at most ${percentText(Math.expm1(headroom))} of the objective is to be had; ${view.because}`;
  return { model, knobs, identifiable, curve, because, ...(cheaper && { cheaper }) };
}

/** Largest expected gain × probability; of near equals the cheaper, then the one that moves fewer knobs. */
function bestOf(seen: Seen, proposals: readonly Proposal[]): Proposal | undefined {
  const worth = ({ gain, pGain }: Proposal) => Math.log1p(gain.estimate) * pGain;
  const top = Math.max(...proposals.map(worth));
  const near = proposals.filter((proposal) => worth(proposal) >= 0.98 * top);
  const moved = (proposal: Proposal) => changes(seen.current, proposal.settings).length;
  return (
    near.find((proposal) => isCheaper(seen.knobs, seen.current, proposal.settings)) ??
    [...near].sort((a, b) => moved(a) - moved(b) || worth(b) - worth(a))[0]
  );
}

/** What the models would propose if a restart were nothing. */
function behindRestart(seen: Seen): readonly SettingRecommendation[] {
  const free = seen.knobs.map((knob) => ({ ...knob, moves: { up: 'live', down: 'live' } as const }));
  const views = viewsOf({ ...seen, knobs: free });
  if (typeof views === 'string') return [];
  return views
    .flatMap((view) => view.proposal ?? [])
    .filter((proposal) => needsRestart(seen, proposal.settings))
    .map(({ settings, gain, because }) => ({
      priority: gain.low > 0.1 ? 'high' : 'medium',
      settings: Object.fromEntries(changes(seen.current, settings).map(([knob, , value]) => [knob, value])),
      because: `${changesText(seen.current, settings)} is expected to help, and takes effect with a restart`,
      evidence: because,
    }));
}

function suggestionOf({ proposal, probe, cheaper }: View, knob: string): Pick<KnobView, 'suggestion'> {
  const found = proposal ?? cheaper;
  const value = (found ?? probe)?.settings[knob];
  if (value === undefined) return {};
  const kind = proposal ? 'proposal' : cheaper ? 'cheaper' : 'probe';
  return { suggestion: { kind, value, ...(found && { gain: found.gain }) } };
}
