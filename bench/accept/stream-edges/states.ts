/** Where a run stands when something happens to it, and how it is brought there. */
import type { Scene } from './scene.ts';
import { mostRecords, type Policy } from './stage.ts';

export interface RunState {
  readonly policy?: Policy;
  /** Holds what is to be held, and feeds, before the run begins. */
  readonly before: (scene: Scene) => void;
  /** Once it has begun; again and again until `isThere`. */
  readonly during?: (scene: Scene) => void;
  readonly isThere: (scene: Scene, isPaused: boolean) => boolean;
}

/** Aborted by the run's own signal, before what happens then. */
export const firstReason = new Error('the first reason');

export const runStates = {
  fencing: {
    before: ({ gates }) => gates.fence.close(),
    isThere: ({ gates }) => gates.fence.waited > 0,
  },
  'opening the sink': {
    before: ({ gates }) => gates.sinkOpen.close(),
    isThere: ({ gates }) => gates.sinkOpen.waited > 0,
  },
  'opening the source': {
    before: ({ gates }) => gates.sourceOpen.close(),
    isThere: ({ gates }) => gates.sourceOpen.waited > 0,
  },
  idle: { before: () => {}, isThere: ({ asked, saved }) => asked.reads === 1 && saved.length === 1 },
  calling: {
    before: (scene) => {
      scene.gates.call.close();
      scene.feed('a');
    },
    isThere: ({ gates, asked }) => gates.call.waited === 1 && asked.reads === 2,
  },
  full: {
    before: (scene) => {
      scene.gates.call.close();
      for (let i = 0; i < mostRecords + 3; i++) scene.feed(`r${i}`);
    },
    isThere: ({ gates }, isPaused) => gates.call.waited === mostRecords && isPaused,
  },
  'waiting to retry': {
    policy: 'retry',
    before: (scene) => {
      scene.failing.call = new Error('once');
      scene.feed('a');
    },
    isThere: (scene) => {
      const isSo = scene.asked.calls === 1;
      if (isSo) delete scene.failing.call;
      return isSo;
    },
  },
  'putting a dead letter': {
    policy: 'dead-letter',
    before: (scene) => {
      scene.gates.letter.close();
      scene.failing.call = new Error('bad');
      scene.feed('a');
    },
    isThere: (scene) => {
      const isSo = scene.gates.letter.waited === 1;
      if (isSo) delete scene.failing.call;
      return isSo;
    },
  },
  writing: {
    before: (scene) => {
      scene.gates.write.close();
      scene.feed('a');
    },
    isThere: ({ gates }) => gates.write.waited === 1,
  },
  unacknowledged: {
    before: (scene) => {
      scene.isWithholding = true;
      scene.feed('a');
    },
    isThere: ({ heldAcks }) => heldAcks === 1,
  },
  saving: {
    before: (scene) => scene.feed('a'),
    during: (scene) => {
      if (scene.acknowledged.length === 1) scene.gates.save.close();
    },
    isThere: ({ gates }) => gates.save.waited === 1,
  },
  draining: {
    before: (scene) => {
      scene.gates.call.close();
      scene.feed('a');
      scene.end();
    },
    isThere: ({ gates, hasToldEnd }) => gates.call.waited === 1 && hasToldEnd,
  },
  stopping: {
    before: (scene) => {
      scene.gates.call.close();
      scene.gates.sinkClose.close();
      scene.feed('a');
    },
    isThere: ({ gates }) => gates.sinkClose.waited === 1,
  },
  over: {
    before: (scene) => {
      scene.feed('a');
      scene.end();
    },
    isThere: ({ closed }) => closed.sink.length === 1,
  },
} as const satisfies Readonly<Record<string, RunState>>;

export type RunStateName = keyof typeof runStates;
