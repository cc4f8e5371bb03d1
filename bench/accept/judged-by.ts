/** Which ending of a trial reverted a harmful setting because it was seen to hurt. */
import { type Trigger, triggers } from '../../tuner/entries/triggers.ts';

export function isByEngineOrBreaker(trigger: Trigger): boolean {
  return isByEngine(trigger) || isByBreaker(trigger);
}

export function isByEngine(trigger: Trigger): boolean {
  const { harms, judgedBy } = triggers[trigger];
  return harms && judgedBy === 'engine';
}

export function isByBreaker(trigger: Trigger): boolean {
  return triggers[trigger].judgedBy === 'breaker';
}
