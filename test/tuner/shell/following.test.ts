import { expect, it, onTestFinished, vi } from 'vitest';
import type { Settings } from '../../../src/contracts.ts';
import { Leases } from '../../../src/store/leases.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { openLedger, type TunerLedger } from '../../../tuner/ledger.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import type { Tuner } from '../../../tuner/tuner.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { betterFromEight, entryOf, isRecord, type TunedWorld, tunedWorld } from '../../support/tuned-world.ts';

const size = (settings: Settings) => Number(settings['size']);
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const isFollow = (outcome: 'taken' | 'left' | 'refused', of?: Settings) => (entry: Entry) => {
  if (entry.kind !== 'record' || entry.record.kind !== 'follow' || entry.record.outcome !== outcome) return false;
  return of === undefined || size(entry.record.settings) === size(of);
};
const intents = (one: Entry) => (one.kind === 'record' && one.record.kind === 'intent' ? [one.record] : []);

/** What a tuner intended in this session after it began. */
function intentsOf(tuner: Tuner): readonly string[] {
  const { session } = tuner.history.entry;
  const all = [...tuner.ledger.read({ session, windows: false })].flatMap(intents);
  return all.slice(1).map(({ purpose, settings }) => `${purpose} ${size(settings)}`);
}

/** A process that holds the lease, and stands on what it is told to write. */
class Holder {
  readonly stateDir = temporaryFolder();
  readonly #ledger: TunerLedger;
  readonly #claims = vi.spyOn(Leases.prototype, 'claim');
  readonly #laterClaims = vi.spyOn(Leases.prototype, 'claimLater');

  constructor(configured: Settings = { size: 1 }) {
    this.#ledger = openLedger({ stateDir: this.stateDir, executor: 'world', configured });
    this.#ledger.claim(1, 1);
    const sighting = { fence: 1, beat: 1, sinceMs: 0, lookedMs: 0 };
    const refused = { granted: false, holder: 'process 12 on build-7', sighting } as const;
    this.#claims.mockReturnValue(refused);
    this.#laterClaims.mockResolvedValue(refused);
    onTestFinished(async () => {
      this.#letClaim();
      await this.#ledger[Symbol.asyncDispose]();
    });
  }

  writes(anchor: Settings): Promise<void> {
    this.#ledger.append([], { anchor });
    return this.#ledger.durable();
  }

  async leaves(): Promise<void> {
    await this.#ledger.release();
    this.#letClaim();
  }

  #letClaim(): void {
    this.#claims.mockRestore();
    this.#laterClaims.mockRestore();
  }

  /** Another process of its folder. */
  beside(options: TuneOptions = {}, world: TunedWorld = { rate: betterFromEight }) {
    const beside = tunedWorld(world, { stateDir: this.stateDir, ...options });
    onTestFinished(() => beside.tuner[Symbol.asyncDispose]());
    return beside;
  }
}

it('a process that tunes writes where it stands: at its start, and in one transaction with the record of a commit', async () => {
  const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir: temporaryFolder() });
  const written = async () => (await tuner.ledger.state()).anchorOfHolder;
  expect(await written()).toEqual({ settings: { size: 1 }, sameDefault: true });
  const appended = vi.spyOn(tuner.ledger, 'append');
  const committed = entryOf(tuner, isRecord('anchor'));
  await tuner.propose({ size: 8 });
  await committed;
  const stands = appended.mock.calls.flatMap(([entries, { anchor } = {}]) =>
    anchor ? [[anchor, entries.some(isRecord('anchor'))]] : [],
  );
  expect(stands).toEqual([[{ size: 8 }, true]]);
  expect((await written())?.settings).toEqual({ size: 8 });
});

it('a follower takes the anchor of the holder at its start, after one intent, and is left on it by stop()', async () => {
  const holder = new Holder();
  await holder.writes({ size: 8 });
  const { tuner, world } = holder.beside();
  expect(tuner.mode).toBe('observe');
  await entryOf(tuner, isFollow('taken'));
  expect(tuner.anchor).toEqual({ size: 8 });
  expect(intentsOf(tuner)).toEqual(['follow 8']);
  await tuner.stop();
  expect(world.applied).toEqual([['size', 8]]);
  expect(replay(tuner.ledger, tuner.history.entry.session)).toMatchObject({ identical: true, sessions: 1 });
});

it('a follower takes an anchor that is written while it runs, and each of those that are written later', async () => {
  const holder = new Holder();
  const { tuner, world } = holder.beside();
  await tuner.settled();
  expect(world.applied).toEqual([]);
  for (const settings of [{ size: 8 }, { size: 16 }, { size: 1 }]) {
    const taken = entryOf(tuner, isFollow('taken', settings));
    await holder.writes(settings);
    await taken;
    expect(tuner.anchor).toEqual(settings);
  }
  expect(world.applied.map(([, value]) => value)).toEqual([8, 16, 1]);
});

it.each(['observe', 'advise', 'confirm'] as const)(
  'in mode %s a process without the lease applies nothing',
  async (mode) => {
    const holder = new Holder();
    await holder.writes({ size: 8 });
    const { tuner, world } = holder.beside({ mode });
    await tuner.settled();
    await turns(100);
    expect(world.applied).toEqual([]);
    expect(tuner.history.entry.follows).toBeUndefined();
  },
);

it('the anchor of a holder that was configured otherwise is not followed, and that is said once', async () => {
  const holder = new Holder({ size: 2 });
  await holder.writes({ size: 8 });
  const { tuner, world } = holder.beside();
  await tuner.settled();
  await holder.writes({ size: 16 });
  await turns(100);
  expect(world.applied).toEqual([]);
  expect(tuner.history.notes.filter(({ code }) => code === 'following')).toHaveLength(1);
});

it('a follower whose guardrail breaks goes back to its default, says so, and stays there', async () => {
  const holder = new Holder();
  await holder.writes({ size: 8 });
  const rate = (settings: Settings) => (size(settings) >= 8 ? 5000 : 20_000);
  const { tuner, world } = holder.beside({ subjectTo: ['mean < 5ms'] }, { rate });
  await entryOf(tuner, isFollow('left'));
  await tuner.settled();
  await turns(100);
  expect(intentsOf(tuner)).toEqual(['follow 8', 'revert 1']);
  expect(world.settings()).toEqual({ size: 1 });
  expect(tuner.history.notes.find(({ code }) => code === 'following')?.text).toMatch(/mean < 5ms is broken/);
});

it('the way back of a follower does not wait for the disk', async () => {
  const holder = new Holder();
  await holder.writes({ size: 8 });
  const rate = (settings: Settings) => (size(settings) >= 8 ? 5000 : 20_000);
  const { tuner, world } = holder.beside({ subjectTo: ['mean < 5ms'] }, { rate });
  await entryOf(tuner, isFollow('taken'));
  const hung = vi.spyOn(tuner.ledger, 'durable').mockReturnValue(new Promise(() => {}));
  await entryOf(tuner, isFollow('left'));
  await vi.waitFor(() => expect(world.settings()).toEqual({ size: 1 }));
  hung.mockRestore();
});

it('a follower that takes over the lease tunes from the anchor that it followed', async () => {
  const holder = new Holder();
  await holder.writes({ size: 8 });
  const { tuner, world } = holder.beside();
  await entryOf(tuner, isFollow('taken'));
  const begun = entryOf(tuner, (entry) => entry.kind === 'session' && entry.options.mode === 'auto');
  await holder.leaves();
  await expect(begun).resolves.toMatchObject({ anchor: { size: 8 } });
  await vi.waitFor(() => expect(tuner.mode).toBe('auto'));
  await tuner.stop();
  expect(world.applied.map(([, value]) => value)).not.toContain(1);
});
