/** Visits one cell of `run()`: brings a run to its state, lets the event happen, and compares all that can be seen. */

import { getEventListeners } from 'node:events';
import { messageOf } from '../../../src/foundation/errors.ts';
import { isSandtuneError } from '../../../src/index.ts';
import { aborting, errors, type RunEventName, runEvents } from './events.ts';
import { type Outcome, outcomeOf, positionOf } from './outcomes.ts';
import { Scene } from './scene.ts';
import { quiet, type Stage, until } from './stage.ts';
import { firstReason, type RunState, type RunStateName, runStates } from './states.ts';

export interface Visited {
  /** What was not as it should be; none: the cell is right. */
  readonly faults: readonly string[];
  /** The state was reached. */
  readonly isReached: boolean;
  /** What nobody may hold any more. */
  readonly remains: readonly WeakRef<object>[];
}

type Settled = { readonly value: unknown } | { readonly error: unknown };

/** @param keep what leaks, for a control @param pauses turns between two steps, by chance */
export async function visitRun(
  stage: Stage,
  state: RunStateName,
  event: RunEventName,
  pauses: () => number,
  keep: (scene: Scene) => void = () => {},
): Promise<Visited> {
  const scene = new Scene();
  keep(scene);
  stage.scene = scene;
  const { policy = 'fail', before, during, isThere }: RunState = runStates[state];
  const processor = stage.processor(policy);
  const stop = new AbortController();
  before(scene);
  const settled: Settled[] = [];
  let doneWith: ReadonlySet<number> = new Set();
  const settle = (how: Settled) => {
    if (settled.length === 0) doneWith = doneWithOf(scene);
    settled.push(how);
  };
  processor.run(scene.source, scene.sink, { checkpoints: scene.storage, job: 'edges', signal: stop.signal }).then(
    (value) => settle({ value }),
    (error: unknown) => settle({ error }),
  );
  if (state === 'stopping') {
    await until(() => scene.gates.call.waited === 1);
    stop.abort(firstReason);
  }
  const isReached = await until(() => {
    during?.(scene);
    return isThere(scene, processor.progress().isPaused);
  });
  await quiet(pauses());
  const faults: string[] = [];
  const wanted = outcomeOf(state, event);
  runEvents[event](scene, (reason) => stop.abort(reason));
  await quiet(pauses());
  if (aborting.includes(event) && state !== 'stopping') {
    // With every gate as it was: nothing that never comes back holds up the end.
    if (!(await until(() => settled.length > 0))) faults.push('had not ended while what it waits for does not come');
  }
  release(scene, event);
  if (wanted.kind === 'waits') {
    await quiet();
    if (settled.length > 0) faults.push('ended before it was aborted');
    stop.abort(errors.abort);
  }
  await until(() => settled.length > 0);
  const [first] = settled;
  if (first) faults.push(...endFaults(wanted, first));
  else faults.push('never ended');
  const asked = askedOf(scene);
  scene.feed('too late');
  scene.acknowledge();
  for (const gate of Object.values(scene.gates)) gate.open();
  await quiet(10);
  if (askedOf(scene) !== asked && first) faults.push(`asked for more after its end: ${asked}, then ${askedOf(scene)}`);
  if (settled.length > 1) faults.push(`ended ${settled.length} times`);
  if (getEventListeners(stop.signal, 'abort').length > 0) faults.push('still listens to its signal');
  faults.push(...closingFaults(scene, wanted), ...positionFaults(scene, doneWith, positionOf(state, event)));
  const { inFlightRecords, callsInFlight } = processor.progress();
  if (inFlightRecords > 0 || callsInFlight > 0) faults.push(`${inFlightRecords} records in flight at its end`);
  stage.scene = undefined;
  return {
    faults,
    isReached,
    remains: [scene, scene.source, scene.sink, scene.storage].map((one) => new WeakRef(one)),
  };
}

/** All that is held is let go, but for what the event is about; one more record comes, and then the end. */
function release(scene: Scene, event: RunEventName): void {
  for (const [name, gate] of Object.entries(scene.gates))
    if (!(name === 'call' && event === 'call never returns') && !(name === 'sourceReturn')) gate.open();
  if (event !== 'sink never acknowledges') scene.acknowledge();
  scene.feed('last');
  scene.end();
}

function endFaults(wanted: Outcome, settled: Settled): readonly string[] {
  if (wanted.kind === 'completes') return 'error' in settled ? [`failed: ${messageOf(settled.error)}`] : [];
  if (!('error' in settled)) return ['completed'];
  const { error } = settled;
  const expected = wanted.kind === 'waits' ? errors.abort : wanted.error;
  if (expected !== undefined) return error === expected ? [] : [`failed with another error: ${messageOf(error)}`];
  const code = isSandtuneError(error) ? error.code : 'none';
  return wanted.kind === 'fails' && code === wanted.code ? [] : [`failed with code ${code}`];
}

/** `return()` where the source was left before its end; each that was opened is closed once, the sink with why. */
function closingFaults(scene: Scene, wanted: Outcome): readonly string[] {
  const { asked, closed, hasToldEnd, sinkOpens } = scene;
  const faults: string[] = [];
  const returns = asked.reads > 0 && !hasToldEnd ? 1 : 0;
  // Where the end of the source and that of the run come in one turn, the run may leave what has just ended.
  const mayLeave = hasToldEnd && wanted.kind === 'fails' && wanted.error !== errors.source ? 1 : returns;
  if (asked.returns !== returns && asked.returns !== mayLeave)
    faults.push(`called return() of the source ${asked.returns} times, not ${returns}`);
  if (closed.source !== asked.opens) faults.push(`closed the source ${closed.source} times, opened ${asked.opens}`);
  if (closed.sink.length !== sinkOpens) faults.push(`closed the sink ${closed.sink.length} times, opened ${sinkOpens}`);
  const isClosing =
    wanted.kind === 'fails' && (wanted.error === errors.sinkClose || wanted.error === errors.sourceClose);
  const isWhole = wanted.kind === 'completes' || isClosing;
  if (sinkOpens > 0 && isWhole !== (closed.sink[0] === undefined))
    faults.push(`told the sink ${messageOf(closed.sink[0])} where it ${wanted.kind}`);
  return faults;
}

/** Offsets that were acknowledged, or that checkpoints tell as left out. */
function doneWithOf({ acknowledged, saved }: Scene): ReadonlySet<number> {
  const offsets = new Set(acknowledged);
  for (const { gaps } of saved)
    for (const { fromOffset, toOffset } of gaps) for (let at = fromOffset; at < toOffset; at++) offsets.add(at);
  return offsets;
}

/** What was left open by others. A source that opens after all is closed again, which is no fault. */
function askedOf({ asked }: Scene): string {
  return JSON.stringify({ ...asked, opens: 0 });
}

/** @param doneWith when the run ended; what was acknowledged later may be in a later checkpoint, or in none */
function positionFaults(scene: Scene, doneWith: ReadonlySet<number>, wanted: 'prefix' | 'behind'): readonly string[] {
  const newest = scene.saved.at(-1);
  if (!newest) return [];
  const offset = newest.input.position[0]?.offset ?? 0;
  const most = prefixOf(doneWithOf(scene));
  if (offset > most) return [`committed ${offset} where ${most} are done with`];
  const least = prefixOf(doneWith);
  return wanted === 'prefix' && offset < least ? [`committed ${offset} of ${least}`] : [];
}

function prefixOf(doneWith: ReadonlySet<number>): number {
  let prefix = 0;
  while (doneWith.has(prefix)) prefix++;
  return prefix;
}
