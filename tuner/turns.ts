/**
 * With whom a tuner takes turns: with all tuners of the user on this machine, of this process only, or with
 * nobody, as the variable SANDTUNE_TURNS says. Other processes know no other time than the real one, so a
 * tuner with a clock of its own takes turns with those of its process that share the clock.
 */
import type { Clock } from '../src/foundation/clock.ts';
import { checkOneOf } from '../src/foundation/options.ts';
import type { EnvironmentVariables } from '../src/foundation/surroundings.ts';
import { noTurns, type Turns, turnsOfMachine, turnsOfProcess } from '../src/store/turns.ts';

const scopes = ['machine', 'process', 'off'] as const;
export type TurnScope = (typeof scopes)[number];

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION for a variable that says anything else */
export function turnScope(environment: EnvironmentVariables, hasOwnClock: boolean): TurnScope {
  const word = environment['SANDTUNE_TURNS']?.trim().toLowerCase() || 'machine';
  const scope = checkOneOf('SANDTUNE_TURNS', word, scopes);
  return scope === 'machine' && hasOwnClock ? 'process' : scope;
}

export function turnsWithin(scope: TurnScope, clock: Clock): Turns {
  switch (scope) {
    case 'machine':
      return turnsOfMachine();
    case 'process':
      return turnsOfProcess(clock);
    case 'off':
      return noTurns;
  }
}
