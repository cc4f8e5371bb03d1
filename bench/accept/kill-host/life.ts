/** One life of the service: started on a ledger, put under load, and killed at its moment. */
import { fileURLToPath } from 'node:url';
import { compileCache } from '../compile-cache.ts';
import type { Guard } from './guards.ts';
import { type Hearing, heard, nothingHeard, toldToEnd } from './hearing.ts';
import { isDue, type Moment } from './moments.ts';
import type { Said } from './said.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { optionsVariable, type WatchedOptions } from './watched-options.ts';

export interface Life {
  readonly known: Hearing;
  readonly end: Awaited<ServiceProcess['ended']>;
  /** It was killed in the stage that was asked for. */
  readonly fired: boolean;
}

export interface Load {
  /** The CDN. */
  readonly origin: string;
  begin(service: string): void;
}

const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
/** A service whose moment has not come by then is killed all the same. */
const deadlineMs = 45_000;

/** @param moment null: it stands for one window, and is told to end */
export async function live(
  stateDir: string,
  load: Load,
  watched: WatchedOptions,
  moment: Moment | null,
): Promise<Life> {
  let known = nothingHeard;
  const timers: NodeJS.Timeout[] = [];
  let isArmed = false;
  const after = (ms: number, act: () => void) => timers.push(setTimeout(act, ms));
  const kill = () => service.kill('SIGKILL');
  const tellToEnd = () => {
    service.kill('SIGTERM');
    known = toldToEnd(known);
  };
  const service = startService({
    origin: load.origin,
    stateDir,
    nodeArguments: ['--import', preload],
    environment: { ...compileCache, [optionsVariable]: JSON.stringify(watched) },
    hear: (line) => {
      known = heard(known, JSON.parse(line) as Said);
      if (isArmed) return;
      if (!(moment ? isDue(moment, known) : known.standsOn !== null)) {
        // The moment will not come: the next life may have it.
        if (known.rests) kill();
        return;
      }
      isArmed = true;
      if (moment?.stage !== 'stop' && moment) return void after(moment.delayMs, kill);
      tellToEnd();
      if (moment) after(moment.delayMs, kill);
    },
  });
  after(deadlineMs, kill);
  void service.url.then((url) => url !== null && load.begin(url));
  const end = await service.ended;
  for (const timer of timers) clearTimeout(timer);
  return { known, end, fired: isArmed && end.signal === 'SIGKILL' && known.stage === moment?.stage };
}

/** What a moment asks of the service. */
export function watchedAt(moment: Moment, seed: number, without: Guard | null): WatchedOptions {
  return { seed, expert: moment.expert, proposals: moment.proposals, without };
}
