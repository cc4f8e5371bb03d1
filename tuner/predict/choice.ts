/**
 * The model of a knob that no other model knows and that has a list of values: a switch, a choice,
 * something of the user's own. It predicts nothing of a value that was never in force, so it asks for a
 * probe of each value. After that its prediction is what was measured there.
 */
import type { KnobSpec, SettingValue } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { type Context, isOpen } from './context.ts';
import { gainInterval, type LogGain } from './gain.ts';
import { measuredGain } from './measured.ts';
import { isWorth, propose, type View, worthLog } from './model.ts';

/** A knob with more values than these is left alone: probes of all of them would take too long. */
const mostValues = 8;

export function choiceView(context: Context, knob: KnobSpec): View | null {
  const { domain, id } = knob;
  if ('min' in domain || domain.length > mostValues) return null;
  const { current } = context.seen;
  const others = domain.filter((value) => value !== valueIn(current, id));
  const seen = others.flatMap((value) => {
    const gain = measuredGain(context, id, value);
    return gain ? [{ value, gain }] : [];
  });
  const curve = seen.map(({ value, gain }) => ({ value, gain: gainInterval(gain) }));
  const base = { model: 'choice', knobs: [id], curve };
  const unseen = others.filter((value) => !seen.some((one) => one.value === value));
  const [next] = unseen.filter((value) => isOpen(context, { ...current, [id]: value }));
  if (next !== undefined) {
    const reason = `no model knows it, and nothing was seen yet at ${unseen.map(String).join(', ')}`;
    const settings = { ...current, [id]: next };
    // What the probe may find is not known, so it comes after every probe whose model expects more.
    const probe = { settings, learns: `what calls cost with ${id} ${next}`, upside: 2 * worthLog(context) };
    return { ...base, identifiable: false, reason, probe };
  }
  const best = bestOf(seen);
  if (!best) return { ...base, identifiable: false, reason: 'no model knows it, and it has no other value to visit' };
  const reason = `${id} ${best.value} was seen: nothing but what was measured there is known of it`;
  const view = { ...base, identifiable: true, reason };
  if (!isWorth(context, best.gain) || !isOpen(context, { ...current, [id]: best.value })) return view;
  return { ...view, proposal: propose(context, 'choice', { [id]: best.value }, best.gain, reason) };
}

function bestOf(seen: readonly { readonly value: SettingValue; readonly gain: LogGain }[]) {
  return [...seen].sort((a, b) => b.gain.mean - a.gain.mean)[0];
}
