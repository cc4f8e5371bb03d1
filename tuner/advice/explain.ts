/** What every model says of every knob, for people. */
import type { Interval, Seen, SettingValue } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import type { View } from '../predict/model.ts';
import { viewsOf } from '../predict/predict.ts';

/** What one model says of one knob. */
export interface KnobView {
  readonly knob: string;
  readonly current: SettingValue | undefined;
  /** null: no model knows this knob. */
  readonly model: string | null;
  /** False: `reason` says what the model would need. */
  readonly identifiable: boolean;
  readonly reason: string;
  /** What the model would do; absent where it would leave the knob alone. */
  readonly suggestion?: {
    readonly kind: 'proposal' | 'probe' | 'cheaper';
    readonly value: SettingValue;
    readonly gain?: Interval;
  };
  /** Predicted gain by value; empty where the model predicts none. */
  readonly curve: readonly { readonly value: SettingValue; readonly gain: Interval }[];
}

/** Every knob with every model that speaks of it. */
export function explain(seen: Seen): readonly KnobView[] {
  const views = viewsOf(seen);
  return seen.knobs.flatMap((knob): readonly KnobView[] => {
    const base = { knob: knob.id, current: valueIn(seen.current, knob.id), curve: [] };
    if (typeof views === 'string') return [{ ...base, model: null, identifiable: false, reason: views }];
    const mine = views.filter((view) => view.knobs.includes(knob.id));
    if (mine.length === 0)
      return [{ ...base, model: null, identifiable: false, reason: `no model knows '${knob.id}'` }];
    return mine.map((view) => ({
      ...base,
      model: view.model,
      identifiable: view.identifiable,
      reason: view.reason,
      curve: view.curve,
      ...suggestionOf(view, knob.id),
    }));
  });
}

function suggestionOf({ proposal, probe, cheaper }: View, knob: string): Pick<KnobView, 'suggestion'> {
  const found = proposal ?? cheaper;
  const settings = (found ?? probe)?.settings;
  const value = settings && valueIn(settings, knob);
  if (value === undefined) return {};
  const kind = proposal ? 'proposal' : cheaper ? 'cheaper' : 'probe';
  return { suggestion: { kind, value, ...(found && { gain: found.gain }) } };
}
