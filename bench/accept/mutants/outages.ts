/** The faults of how an outage is told from harm, and of what start gates read. */
import type { Mutant } from './mutant.ts';

const trial = (name: string) => `test/tuner/trial/${name}.test.ts`;

export const outageMutants: readonly Mutant[] = [
  {
    name: 'a start gate asks for the gain that is believed, and not for what the model said',
    file: 'tuner/trial/gates.ts',
    find: 'gain: sealed.said ?? sealed.gain }',
    put: 'gain: sealed.gain }',
    tests: [trial('gates')],
  },
  {
    name: 'an outage that ends in an audit is taken for what the setting costs where it stays',
    file: 'tuner/trial/stays.ts',
    find: 'if (cameBackByItself(level, stayed, asInForce)) return null;',
    put: '',
    tests: [trial('stays')],
  },
  {
    name: 'an outage that ends while the anchor is left alone is taken for what the candidate had done',
    file: 'tuner/trial/level.ts',
    find: 'return low.length > 0 && cameBackByItself(',
    put: 'return low.length < 0 && cameBackByItself(',
    tests: [trial('level')],
  },
  {
    name: 'what rises by degrees is taken for the end of an outage',
    file: 'tuner/trial/jump.ts',
    find: ' && firstHigh - lastLow - 1 <= mostBetween',
    put: '',
    tests: [trial('jump')],
  },
  {
    name: 'a setting that has fallen again is audited before an outage would be over',
    file: 'tuner/loop/patience.ts',
    find: 'nowMs < staysUntilMs ? ',
    put: 'nowMs < 0 ? ',
    tests: ['test/tuner/loop/patience.test.ts'],
  },
];
