/**
 * Apply, wait, compare: one knob is doubled or halved (the next or the one before of a list), the service given
 * five seconds to settle, ten seconds compared with the ten before; taken back where it is worse by 2 %, and the
 * next step goes the same way otherwise. After a round in which nothing was kept it rests for a minute.
 * The rule of many deployment scripts, and what this tuner was first thought of as.
 */
import type { KnobSpec, Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { Peer, Service, Steps } from '../peer.ts';

const keepFrom = -0.02;
const [waitMs, compareMs, restMs] = [5000, 10_000, 60_000] as const;

export const applyAndCompare: Peer = {
  name: 'apply-and-compare',
  about: 'apply, wait, compare, take back at −2 %',
  rule,
};

function* rule({ knobs, usual, valueOf }: Service): Steps {
  let now = usual;
  let before = valueOf(yield { settings: now, forMs: compareMs });
  const ways = knobs.flatMap((knob) => [1, -1].map((by) => ({ knob, by })));
  for (;;) {
    let kept = 0;
    for (const { knob, by } of ways)
      for (;;) {
        const next = stepped(knob, now, by);
        if (next === null) break;
        const after = valueOf(yield { settings: next, forMs: waitMs + compareMs, discardMs: waitMs });
        if (after / before - 1 < keepFrom) {
          before = valueOf(yield { settings: now, forMs: compareMs });
          break;
        }
        [now, before] = [next, after];
        kept++;
      }
    if (kept === 0) before = valueOf(yield { settings: now, forMs: restMs + compareMs, discardMs: restMs });
  }
}

/** null at the end of the domain. */
function stepped({ id, domain, defaultValue }: KnobSpec, from: Settings, by: number): Settings | null {
  const value = valueIn(from, id) ?? defaultValue;
  if (!('min' in domain)) {
    const next = (domain as readonly SettingValue[])[(domain as readonly SettingValue[]).indexOf(value) + by];
    return next === undefined ? null : { ...from, [id]: next };
  }
  const { min, max, integer } = domain;
  const step = Number(value) > 0 ? Number(value) * 2 ** by : Number(value) + (by * (max - min)) / 8;
  const next = Math.min(max, Math.max(min, integer ? Math.round(step) : step));
  return next === value ? null : { ...from, [id]: next };
}
