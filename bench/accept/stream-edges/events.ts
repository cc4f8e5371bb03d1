/** What happens to a run. What fails, fails from now on: at once where the run waits for it, else when it comes to it. */
import { SandtuneError } from '../../../src/index.ts';
import type { Scene } from './scene.ts';
import { longestBytes } from './stage.ts';

/** Each error is one object, by which it is recognised when it comes back. */
export const errors = {
  source: new Error('the source threw'),
  sink: new Error('the sink threw'),
  refused: new Error('the sink refused a record'),
  trap: new Error('the guest trapped'),
  sinkClose: new Error('the sink could not be closed'),
  sourceClose: new Error('the source could not be closed'),
  letter: new Error('the dead letter could not be put'),
  abort: new Error('aborted'),
  fenced: new SandtuneError('ERR_SANDTUNE_FENCED', 'a later run has begun'),
  closed: new SandtuneError('ERR_SANDTUNE_CLOSED', 'the executor is closed'),
} as const;

export const runEvents = {
  'source ends': (scene) => scene.end(),
  'source throws': (scene) => scene.end({ error: errors.source }),
  'sink throws': (scene) => {
    scene.failing.write = errors.sink;
  },
  'sink refuses a record': (scene) => {
    scene.failing.ack = errors.refused;
  },
  'sink never acknowledges': (scene) => {
    scene.isWithholding = true;
  },
  'sink acknowledges twice': (scene) => {
    scene.isDoubling = true;
  },
  'guest traps': (scene) => {
    scene.failing.call = errors.trap;
  },
  'call never returns': (scene) => scene.gates.call.close(),
  'record too long': (scene) => scene.feed(new Uint8Array(longestBytes + 1)),
  'store is fenced off': (scene) => {
    scene.failing.save = errors.fenced;
  },
  'store fails once': (scene) => {
    scene.savesToFail = 1;
  },
  'store fails again and again': (scene) => {
    scene.savesToFail = Number.POSITIVE_INFINITY;
  },
  'dead letters cannot be put': (scene) => {
    scene.failing.letter = errors.letter;
  },
  'executor is closed': (scene) => {
    scene.failing.call = errors.closed;
  },
  'sink cannot be closed': (scene) => {
    scene.failing.sinkClose = errors.sinkClose;
  },
  'source cannot be closed': (scene) => {
    scene.failing.sourceClose = errors.sourceClose;
  },
  abort: (_, abort) => abort(errors.abort),
  'abort, and the source is not left': (scene, abort) => {
    scene.gates.sourceReturn.close();
    abort(errors.abort);
  },
} as const satisfies Readonly<Record<string, (scene: Scene, abort: (reason: Error) => void) => void>>;

export type RunEventName = keyof typeof runEvents;

/** What never lets a run end by itself. */
export const endless: readonly RunEventName[] = ['sink never acknowledges', 'call never returns'];
export const aborting: readonly RunEventName[] = ['abort', 'abort, and the source is not left'];
