/**
 * A tuned program for the stories of the lease. A closed loop of calls sleeps, half as long from size 8
 * on, and a fifth as long from 16 on. It does what it is told on stdin, and says on stdout what happens, one JSON line each.
 */
import { createInterface } from 'node:readline';
import { systemClock, systemTimers, wallMs } from '../../../src/foundation/clock.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { measured } from '../../../src/index.ts';
import { thisProcess } from '../../../src/store/process-identity.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { tune } from '../../../tuner/tune.ts';
import type { ChildOptions, Command, Line } from './lines.ts';
import { disableGuard } from './without-guard.ts';

const callers = 8;
const better = 8;
const warmUpMs = 1500;
const {
  stateDir,
  mode = 'auto',
  configured = 1,
  persist = false,
  ...others
} = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const { holdsBack = false, guardOff = null, maxDurationMs = 20_000 } = others;

const say = (line: Line): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
process.on('warning', ({ name, message }) => say({ kind: 'warning', text: `${name}: ${message}` }));

const random = randomStream(1, `failures of ${process.pid}`);
let isFailing = false;
let isGoing = true;
const pool = measured({
  name: 'pool',
  knobs: {
    size: {
      domain: [1, 2, 4, 8, 16],
      value: configured,
      set: (size: number) => {
        say({ kind: 'applied', size });
      },
    },
  },
  run: async (_: null, { settings: { size } }: { readonly settings: { readonly size: number } }) => {
    await systemTimers.sleep(size >= 2 * better ? 2 : size >= better ? 5 : 10);
    if (isFailing && size >= better && random() < 0.3) throw new Error('told to fail');
  },
});
const loops = Array.from({ length: callers }, async () => {
  while (isGoing) await pool.run(null).catch(() => undefined);
});

// What stalls a process while it starts would stretch the windows of all its trials.
await systemTimers.sleep(warmUpMs, { keepAlive: true });
if (guardOff) disableGuard(guardOff, stateDir, pool);
const tuner = tune(pool, {
  mode,
  maximize: 'throughput',
  // A follower under this limit never goes back.
  subjectTo: [guardOff === 'guardrails' ? 'errors < 90%' : 'errors < 5%'],
  persist,
  stateDir,
  maxDurationMs,
  expert: {
    windowMs: 100,
    minCompletions: 10,
    baselineWindows: 10,
    noisePairs: 0,
    overheadPairs: 0,
    holdBackFraction: holdsBack ? 0.5 : 0,
    // Nothing is tried but what a story proposes.
    minProbability: 1,
  },
});
tuner.watch((entry) => {
  for (const line of linesOf(entry)) say(line);
});
say({ kind: 'ready', identity: thisProcess(), wallMs: wallMs(systemClock) });

createInterface({ input: process.stdin })
  .on('line', (text) => void obey(JSON.parse(text) as Command))
  // Whoever told it what to do has gone.
  .on('close', () => process.exit(1));

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case 'propose':
      try {
        const { decision } = await tuner.propose({ size: command.size }, 'a story asks for it');
        say({ kind: 'answered', text: decision });
      } catch (error) {
        say({ kind: 'answered', text: String(error) });
      }
      return;
    case 'fail':
      isFailing = command.on;
      return;
    case 'step clock':
      (globalThis as { stepClockMs?: number }).stepClockMs = command.byMs;
      return say({ kind: 'clock', wallMs: wallMs(systemClock) });
    case 'stand':
      return say({ kind: 'stands', size: standing(), anchor: Number(tuner.anchor['size']), mode: tuner.mode });
    case 'stop': {
      const anchor = () => Number(tuner.anchor['size']);
      await tuner[Symbol.asyncDispose]();
      say({ kind: 'stopped', size: standing(), anchor: anchor() });
      isGoing = false;
      await Promise.all(loops);
      process.exit(0);
    }
  }
}

function standing(): number {
  return Number(pool.knobs[0]?.read().effective);
}

function linesOf(entry: Entry): readonly Line[] {
  switch (entry.kind) {
    case 'session':
      return [{ kind: 'session', mode: entry.options.mode, anchor: Number(entry.anchor['size']) }];
    case 'record': {
      const { record } = entry;
      if (record.kind === 'intent')
        return [{ kind: 'intent', purpose: record.purpose, size: Number(record.settings['size']) }];
      if (record.kind === 'anchor') return [{ kind: 'anchor', size: Number(record.settings['size']) }];
      if (record.kind === 'decision') return [{ kind: 'decision', decision: record.decision, reason: record.reason }];
      if (record.kind === 'follow')
        return [
          { kind: 'follow', outcome: record.outcome, size: Number(record.settings['size']), text: record.reason },
        ];
      return [];
    }
    case 'remark':
      return entry.remark.kind === 'note' ? [{ kind: 'note', code: entry.remark.code, text: entry.remark.text }] : [];
    case 'event':
      return [];
  }
}
