/**
 * The runs of a processor that are under way, as its executor sees them: what bounds reach, what a window reads the
 * times of the stages from, and what `close()` waits for. A record is of its run, so nothing waits here.
 */
import type { Distribution, OpenWindow, OutcomeCounts, Window } from '../contracts.ts';
import type { Backlog } from '../executor/backlog.ts';
import { Condition } from '../foundation/condition.ts';
import { settledOf } from '../measure/outcome-counts.ts';
import type { ControllerBounds } from './flow/adaptive/controller.ts';
import type { Flow } from './flow/flow.ts';
import type { Stop } from './flow/stop.ts';

interface Sum {
  readonly count: number;
  readonly sumMs: number;
}

export class Runs implements Backlog {
  readonly flows = new Set<Flow>();
  readonly aftermath = 'its calls go on';
  readonly #names: readonly string[];
  readonly #stops = new Set<Stop>();
  readonly #ended = new Condition();
  /** Of runs that have ended: of each stage, and of the sink. */
  #past: readonly Sum[];
  #pastBusyMs = 0;

  constructor(stages: readonly { readonly name: string }[]) {
    this.#names = [...stages.map(({ name }) => name), 'sink'];
    this.#past = this.#names.map(() => ({ count: 0, sumMs: 0 }));
  }

  /** @param run given what it has to call once its flow has begun */
  async run<T>(stop: Stop, run: (began: (flow: Flow) => void) => Promise<T>): Promise<T> {
    let flow: Flow | undefined;
    this.#stops.add(stop);
    try {
      return await run((begun) => {
        flow = begun;
        this.flows.add(begun);
      });
    } finally {
      if (flow) {
        this.#past = added(this.#past, sumsOf(flow));
        this.#pastBusyMs += flow.stages.busyMs;
        this.flows.delete(flow);
      }
      this.#stops.delete(stop);
      this.#ended.notify();
    }
  }

  stop(error: unknown): void {
    for (const stop of this.#stops) stop.stop(error);
  }

  /** Resolves when none is under way. */
  ended(): Promise<void> {
    return this.#ended.until(() => this.#stops.size === 0);
  }

  setBounds(bounds: ControllerBounds): void {
    for (const flow of this.flows) flow.setBounds(bounds);
  }

  /** All that was counted and measured goes into the books: they are read, or an epoch ends. */
  enter(): void {
    for (const flow of this.flows) flow.books.enter();
  }

  /** Sum over lanes of the time they had a call, up to now. */
  get busyMs(): number {
    return [...this.flows].reduce((sum, flow) => sum + flow.stages.busyMs, this.#pastBusyMs);
  }

  /**
   * The same window, with the mean time of a record in each stage. Of a closed load its calls in flight are its sources:
   * each asks for more as soon as there is room, and how many records are called for one is what the settings say. A
   * record that was called before these moved says nothing of them, and is in no window: lanes and batches of many
   * seconds would else be judged by those before them.
   */
  windowWithStages(opened: OpenWindow, isOpen: boolean): OpenWindow {
    let before = this.#sums();
    let sources = this.flows.size;
    const enter = () => this.enter();
    return {
      cut: () => {
        this.enter();
        const window = opened.cut();
        const now = this.#sums();
        const stages: Record<string, number> = {};
        this.#names.forEach((name, index) => {
          const [a, b] = [before[index] as Sum, now[index] as Sum];
          if (b.count > a.count) stages[name] = (b.sumMs - a.sumMs) / (b.count - a.count);
        });
        const stageSamples = Math.max(0, ...now.map(({ count }, index) => count - (before[index] as Sum).count));
        before = now;
        if (isOpen) return { ...window, stages, stageSamples };
        const asCalled = { ...window, ...ofThisEpoch(window) };
        const settled = settledOf(asCalled.outcomes);
        const backlogAtStart = sources;
        sources = Math.max(this.flows.size, backlogAtStart - settled);
        const offered = settled + sources - backlogAtStart;
        return { ...asCalled, stages, stageSamples, offered, backlogAtStart, backlogAtEnd: sources };
      },
      get settledCount() {
        enter();
        return opened.settledCount;
      },
      [Symbol.dispose]: () => opened[Symbol.dispose](),
    };
  }

  #sums(): readonly Sum[] {
    return [...this.flows].reduce((sums, flow) => added(sums, sumsOf(flow)), this.#past);
  }

  // ------------------------------------------------------------ as the backlog of an executor

  get queued(): number {
    return [...this.flows].reduce((sum, flow) => sum + flow.stages.waiting, 0);
  }

  get needsDrain(): boolean {
    return [...this.flows].some(({ credits }) => credits.isPaused);
  }

  /** Resolves when no run is paused for want of room. */
  async drained(): Promise<void> {
    for (;;) {
      const paused = [...this.flows].filter(({ credits, stop }) => credits.isPaused && !stop.isStopped);
      if (paused.length === 0) return;
      // One that is stopped meanwhile is looked at no more.
      await Promise.race(paused.map((flow) => flow.room().catch(() => {})));
    }
  }

  clear(): [] {
    return [];
  }

  takeBack(): boolean {
    return false;
  }

  abandon(): void {}

  end(): void {}
}

/** Without those that were called under earlier settings, which are those without a time. */
function ofThisEpoch({ outcomes, latency, byFunction }: Window): Pick<Window, 'outcomes' | 'byFunction'> {
  const of = (counts: OutcomeCounts, { count }: Distribution) => ({ ...counts, ok: Math.min(counts.ok, count) });
  const functions = Object.entries(byFunction).map(
    ([name, one]) => [name, { ...one, outcomes: of(one.outcomes, one.latency) }] as const,
  );
  return { outcomes: of(outcomes, latency), byFunction: Object.fromEntries(functions) };
}

function sumsOf(flow: Flow): readonly Sum[] {
  return [...flow.stages.stages.map(({ measures }) => measures.sojourn.whole), flow.books.measures.sink.whole];
}

function added(a: readonly Sum[], b: readonly Sum[]): readonly Sum[] {
  return a.map(({ count, sumMs }, index) => ({
    count: count + (b[index]?.count ?? 0),
    sumMs: sumMs + (b[index]?.sumMs ?? 0),
  }));
}
