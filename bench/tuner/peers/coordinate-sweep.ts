/**
 * Coordinate sweep: one knob after the other over eight steps of its scale, five seconds each, the best kept; twice
 * round, as long as that changes something. What a careful person does by hand.
 * @see Hooke, Jeeves, "Direct search solution of numerical and statistical problems", JACM 8 (1961), for moves along
 *   one coordinate at a time; steps and rounds are those of a table filled in within a few minutes
 */
import { ladderOf } from '../../worlds/ladder.ts';
import { holding, type Peer, type Service, type Steps } from '../peer.ts';

const rungs = 8;
const rounds = 2;
const forMs = 5000;

export const coordinateSweep: Peer = {
  name: 'coordinate-sweep',
  about: 'knob after knob over eight steps, the best of each kept',
  rule,
};

function* rule({ knobs, usual, valueOf }: Service): Steps {
  let found = { settings: usual, tried: 0 };
  for (let round = 0; round < (knobs.length === 1 ? 1 : rounds); round++) {
    const before = found.settings;
    for (const knob of knobs) {
      let most = -Infinity;
      const base = found.settings;
      for (const value of ladderOf(knob, rungs)) {
        const settings = { ...base, [knob.id]: value };
        const worth = valueOf(yield { settings, forMs, discardMs: 500, found });
        found = { settings: worth > most ? settings : found.settings, tried: found.tried + 1 };
        most = Math.max(most, worth);
      }
    }
    if (found.settings === before) break;
  }
  for (;;) yield holding(found.settings, found);
}
