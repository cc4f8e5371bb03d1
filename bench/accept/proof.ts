/** Which ending of a trial took a harmful setting back because it was seen to hurt. */
export function isByEngineOrBreaker(trigger: string): boolean {
  return trigger === 'worse' || isByBreaker(trigger);
}

export function isByBreaker(trigger: string): boolean {
  return trigger.startsWith('breaker');
}
