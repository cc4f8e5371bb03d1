/** Windows of a world, without a tuner: what a trial or a predictor is shown. */
import type { Settings, Window } from '../../src/contracts.ts';
import { applySettings } from '../../tuner/shell/apply.ts';
import { referenceMs } from './spec.ts';
import type { World } from './world.ts';

export interface Span {
  readonly discardMs?: number;
  readonly forMs: number;
  /** Apply every knob, also those that stand at their value. */
  readonly flip?: boolean;
}

export async function measure(
  world: World,
  settings: Settings,
  { discardMs = 0, forMs, flip = false }: Span = { forMs: referenceMs },
): Promise<Window> {
  await applySettings(world.executor.knobs, settings, flip);
  using open = world.executor.openWindow();
  if (discardMs > 0) {
    world.advance(discardMs);
    open.cut();
  }
  world.advance(forMs);
  return open.cut();
}

export async function measureAll(
  world: World,
  settings: Settings,
  count: number,
  span?: Span,
): Promise<readonly Window[]> {
  const windows: Window[] = [];
  while (windows.length < count) windows.push(await measure(world, settings, span));
  return windows;
}
