/** All cells, by name: two tables of states and events, and those that stand alone with files, guests and sizes. */
import { type RunEventName, runEvents } from './events.ts';
import { type AloneCell, fileCells } from './file-cells.ts';
import { guestCells } from './guest-cells.ts';
import { pulledEvents, pulledStates, pulledWays, visitPulled } from './pulled-cell.ts';
import { type Visited, visitRun } from './run-cell.ts';
import { sizeCells } from './size-cells.ts';
import type { Stage } from './stage.ts';
import { type RunStateName, runStates } from './states.ts';

export type Cell = { readonly name: string; readonly group: string } & (
  | { readonly kind: 'table'; readonly visit: (stage: Stage, pauses: () => number) => Promise<Visited> }
  | { readonly kind: 'alone'; readonly visit: AloneCell }
);

const ofRun = (Object.keys(runStates) as RunStateName[]).flatMap((state) =>
  (Object.keys(runEvents) as RunEventName[]).map((event): Cell => {
    const group = `run(), ${state}`;
    return {
      name: `${group} × ${event}`,
      group,
      kind: 'table',
      visit: (stage, pauses) => visitRun(stage, state, event, pauses),
    };
  }),
);

const ofPulled = pulledWays.flatMap((way) =>
  pulledStates.flatMap((state) =>
    pulledEvents.map((event): Cell => {
      const group = `${way}, ${state}`;
      return {
        name: `${group} × ${event}`,
        group,
        kind: 'table',
        visit: (stage, pauses) => visitPulled(stage, way, state, event, pauses),
      };
    }),
  ),
);

const alone = Object.entries({ ...fileCells, ...guestCells, ...sizeCells }).map(([name, visit]): Cell => {
  const [group = ''] = name.split(' × ');
  return { name, group, kind: 'alone', visit };
});

export const allCells: readonly Cell[] = [...ofRun, ...ofPulled, ...alone];
