/**
 * Random search: sixty settings drawn from the whole space, five seconds each, then the best of them for good.
 * @see Bergstra, Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012): of sixty draws the best
 *   lies in the best twentieth of the space with a probability of 95 %
 */
import type { KnobSpec, Settings, SettingValue } from '../../../src/contracts.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { holding, type Peer, type Service, type Steps } from '../peer.ts';

const draws = 60;
const forMs = 5000;

export const randomSearch: Peer = { name: 'random', about: 'sixty settings by lot, then the best of them', rule };

function* rule({ knobs, usual, valueOf, random }: Service): Steps {
  let found = { settings: usual, tried: 1 };
  let most = valueOf(yield { settings: usual, forMs });
  for (let i = 0; i < draws; i++) {
    const settings: Settings = Object.fromEntries(knobs.map((knob) => [knob.id, drawn(knob, random)]));
    const value = valueOf(yield { settings, forMs, discardMs: 500, found });
    if (value > most) most = value;
    found = { settings: value >= most ? settings : found.settings, tried: found.tried + 1 };
  }
  for (;;) yield holding(found.settings, found);
}

/** Uniform on the knob's scale. */
function drawn({ domain }: KnobSpec, random: RandomSource): SettingValue {
  if (!('min' in domain)) return domain[Math.floor(domain.length * random())] as SettingValue;
  const { min, max, scale, integer } = domain;
  const part = random();
  const value = scale === 'log' && min > 0 ? min * (max / min) ** part : min + part * (max - min);
  return integer ? Math.round(value) : value;
}
