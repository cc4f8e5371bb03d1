/** The faults, each with the tests that must notice it. */
import type { Mutant } from './mutant.ts';

const trial = (name: string) => `test/tuner/trial/${name}.test.ts`;

export const mutants: readonly Mutant[] = [
  {
    name: 'the breaker of errors asks nothing of chance',
    file: 'tuner/trial/breakers.ts',
    find: 'if (failed === 0 || poissonTail(failed, rate * judged) >= errorChance) return false;',
    put: 'if (failed === 0) return false;',
    tests: [trial('breakers')],
  },
  {
    name: 'the breaker of errors does not look at the neighbours',
    file: 'tuner/trial/breakers.ts',
    find: 'return beside.failed / Math.max(1, beside.judged) < failed / judged / 3;',
    put: 'return beside.judged >= 0;',
    tests: [trial('breakers')],
  },
  {
    name: 'a proof does not ask what the other side has',
    file: 'tuner/trial/e-value.ts',
    find: "return evidence >= logEValue(d, delta0, sigmaD, side === 'greater' ? 'less' : 'greater');",
    put: 'return true;',
    tests: [trial('e-value')],
  },
  {
    name: 'the budget of false commits never runs out',
    file: 'tuner/trial/budget.ts',
    find: 'Math.min(alpha, (falseCommitsPerDay - today) / 2)',
    put: 'Math.min(alpha, falseCommitsPerDay / 2 + 0 * today)',
    tests: [trial('budget'), 'test/tuner/clock-steps.test.ts'],
  },
  {
    name: 'the budget forgets within the hour',
    file: 'tuner/trial/budget.ts',
    find: 'const dayMs = 86_400_000;',
    put: 'const dayMs = 3_600_000;',
    tests: [trial('budget'), 'test/tuner/clock-steps.test.ts'],
  },
  {
    name: 'the budget gives back what every trial without a verdict has spent',
    file: 'tuner/trial/budget.ts',
    find: 'return pairs > 0 || (trigger !== null && triggers[trigger].judgedBy !== null);',
    put: 'return trigger !== null && triggers[trigger].judgedBy !== null;',
    tests: [trial('budget')],
  },
  {
    name: 'what failed again rests no longer than at first',
    file: 'tuner/predict/memory.ts',
    find: 'Math.max(1000, restMs) * 2 ** Math.min(10, failures)',
    put: 'Math.max(1000, restMs) * 2 ** Math.min(1, failures)',
    tests: ['test/tuner/predict/memory.test.ts'],
  },
  {
    name: 'what is in force after apply() is not compared with what was asked',
    file: 'tuner/shell/held-knob.ts',
    find: 'if (requested === value && effective === value) return;',
    put: 'if (requested === value || effective === value) return;',
    tests: ['test/tuner/shell/falls-short.test.ts'],
  },
  {
    name: 'nothing is thrown away after a flip',
    file: 'tuner/trial/design.ts',
    find: 'discardMs: Math.max(discardFraction * windowMs, drain),',
    put: 'discardMs: 0 * Math.max(discardFraction * windowMs, drain),',
    tests: [trial('design')],
  },
  {
    name: 'what is thrown away does not follow the drain',
    file: 'tuner/trial/design.ts',
    find: 'discardMs: Math.max(discardFraction * windowMs, drain),',
    put: 'discardMs: Math.max(discardFraction * windowMs, 0 * drain),',
    tests: [trial('design')],
  },
  {
    name: 'the gap between two pairs of a hold-back is halved',
    file: 'tuner/loop/phases/hold-back.ts',
    find: 'Math.round(1 / fraction) - 2',
    put: 'Math.round(0.5 / fraction) - 1',
    tests: ['test/tuner/loop/hold-back-share.test.ts'],
  },
  {
    name: 'an unlikely gain gets a trial',
    file: 'tuner/trial/gates.ts',
    find: 'if (pGain > minProbability) return null;',
    put: 'if (pGain > 0 * minProbability) return null;',
    tests: [trial('gates')],
  },
  {
    name: 'a trial of too many pairs is begun',
    file: 'tuner/trial/gates.ts',
    find: '  if (pairs > options.maxPairs)\n',
    put: '  if (pairs > 1e9 * options.maxPairs)\n',
    tests: [trial('design')],
  },
  {
    name: 'what cannot be judged blocks nothing',
    file: 'tuner/trial/gates.ts',
    find: 'if (unjudged.length === 0) return null;',
    put: 'if (unjudged.length >= 0) return null;',
    tests: [trial('gates')],
  },
  {
    name: 'a replay compares nothing',
    file: 'tuner/replay.ts',
    find: 'if (got !== expected) return differs(expected, got);',
    put: 'if (got === undefined) return differs(expected, got);',
    tests: ['test/tuner/replay-live.test.ts', 'test/tuner/history.test.ts'],
  },
  {
    name: 'a replay forgets the records that are owed',
    file: 'tuner/replay.ts',
    find: 'if (due.length > 0) return differs(null, due[0] ?? null);\n      const step',
    put: 'const step',
    tests: ['test/tuner/replay-owed-records.test.ts'],
  },
];
