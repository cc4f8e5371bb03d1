/**
 * The verbs of the command, one row each: how it is called, what it is for, its help, and what carries
 * it out. A verb is loaded when it is called and not before, so that `--help` and `doctor` work where
 * the rest cannot.
 */
export interface Verb {
  /** After `sandtune`: 'tune <config.mts>'. */
  readonly call: string;
  /** In a few words, for the list of verbs. */
  readonly purpose: string;
  /** Its options, and what they do. */
  readonly help: string;
  /** Gives the exit code: one of exit-codes.ts, or that of a program that was run. */
  readonly load: () => Promise<(args: string[]) => Promise<number>>;
}

const stateDirLine = "  --state-dir FOLDER   where the ledger is (default: $SANDTUNE_DIR, else '.sandtune')";

export const verbs = {
  tune: {
    call: 'tune <config.mts>',
    purpose: 'run a load and tune its executor, live on a terminal',
    help: `${stateDirLine}
  --seconds N          stop after N seconds (default: when nothing is worth trying for now)
  --mode MODE          observe, advise, confirm or auto (default: what the config says, else observe)
  --out FOLDER         where the report goes (default: 'report' beside the ledger)
  --json               the result as JSON on stdout

The config's default export is { executor, load?, options? } or an (async) function that gives it:
  load: (run, signal) => Promise<void>    makes calls until the signal is aborted
  options                                 what tune() takes
Ctrl-C restores the settings, writes the report and exits with 130; twice exits at once.
`,
    load: async () => (await import('./commands/tune.ts')).tuneCommand,
  },
  observe: {
    call: 'observe -- node app.mjs',
    purpose: 'run a program and measure its piscina pools, without a line of code',
    help: `${stateDirLine}

Everything after -- is run as it is, with sandtune/register first in its NODE_OPTIONS. Each pool that
it calls is measured, also in processes and threads it starts, and nothing is changed. A report of each
is written when its process ends, by process.exit() or a signal too; of one that SIGKILL ends, what was
stored is reported. Exits as the program does: with 128 and the number of the signal that ended it.
`,
    load: async () => (await import('./commands/observe.ts')).observeCommand,
  },
  check: {
    call: 'check',
    purpose: 'for a deployment: is a limit broken, is something proven not applied?',
    help: `${stateDirLine}
  --executor NAME      only this executor (default: all)
  --json               the result as JSON on stdout

Exits with 99 where a limit of the goal is broken now, with 98 where a proven setting is not what is
configured, and with 1 where that cannot be known.
`,
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  report: {
    call: 'report',
    purpose: 'a page, a summary and JSON from what was recorded',
    help: `${stateDirLine}
  --session N          of this session (default: the last)
  --executor NAME      of the last session of this executor
  --out FOLDER         where the report goes (default: 'report' beside the ledger)
  --markdown, --json   on stdout instead of into files (with --out: as well)
`,
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  replay: {
    call: 'replay',
    purpose: 'decide everything again from the ledger and compare',
    help: `${stateDirLine}
  --session N          only this session (default: all)
  --json               the result as JSON on stdout

Exits with 1 when a decision comes out differently, and when a row was altered or is gone.
`,
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  stream: {
    call: 'stream --module m.wasm',
    purpose: 'records of a file or a pipe through a WebAssembly guest',
    help: `       sandtune stream --module m.wasm --function f --in FILE|- --out FILE|- --framing lines|length|bytes:N [--resume]

  --module FILE        the guest: it imports nothing, and exports 'memory', alloc(bytes) → pointer, and
  --function NAME      (pointer, bytes) → i64: the result's pointer in the upper half, its length in the
                       lower; or → (pointer, bytes). A length of −1: no result. It is called with each record
  --in FILE, --in -    what is read: a file, a pipe, or standard input
  --out FILE, --out -  what is written: a new or an empty file, or standard output
  --framing HOW        lines; length: 4 bytes, big endian, before each record; bytes:N: N bytes each
  --resume             goes on behind the last checkpoint of FILE; standard input is given again from its beginning
  --stateful           the guest keeps state from record to record: one thread, and its state in the checkpoints
  --on-failed HOW      a record on which a call fails: fail ends the run, skip leaves it out (default: fail)
  --max-record-bytes N a longer record, or result, has failed (default: 1048576, or N of bytes:N)
  --deadline-ms N      a call, of up to 256 records, that takes longer has failed (default: none)
  --threads N          workers (default: one for each processor)
  --json               the summary as JSON
  --state-dir FOLDER   where 'checkpoints.sqlite' is (default: $SANDTUNE_DIR, else '.sandtune')

alloc gives room that may be used again at its next call; what it gives is never freed. Each thread has a guest of
its own. The order of the records is kept. A file gets each result once: a checkpoint a second, and one when the
command is interrupted (exit code 130) or a record fails. After a crash --resume cuts the file back to the last one,
and refuses a file that is another, or another guest, function or framing. What is written to a pipe cannot be taken
back, so there are no checkpoints. The summary is on stdout, or on stderr where the records are on stdout.
`,
    load: async () => (await import('./commands/stream.ts')).streamCommand,
  },
  checkpoints: {
    call: 'checkpoints [DIR]',
    purpose: 'lists the checkpoints of streams and verifies each',
    help: `  DIR                  a folder of checkpoints, or a database of them (default: that of --state-dir)
  --state-dir FOLDER   where 'checkpoints.sqlite', or a folder 'checkpoints', is (default: $SANDTUNE_DIR, else '.sandtune')
  --job NAME           only of this job (default: all)
  --json               the list as JSON on stdout

Changes nothing. Exits with 1 where there are none, and where one does not verify that was not put aside.
`,
    load: async () => (await import('./commands/checkpoints.ts')).checkpointsCommand,
  },
  off: {
    call: 'off',
    purpose: 'the durable off switch: nothing is tuned any more',
    help: `${stateDirLine}
  --executor NAME      only this executor (default: all)
  --wait SECONDS       how long to wait until tuning has ended (default: 30)

A running tuner reads this within seconds and ends on its anchor; the next one does not start.
Says who was tuning. Exits with 1 where there is no ledger, because nothing was tuned from there (a program that
was never started is kept from tuning by SANDTUNE_MODE=off), and when tuning has not ended in time.
`,
    load: async () => (await import('./commands/switch.ts')).offCommand,
  },
  on: {
    call: 'on',
    purpose: 'takes the off switch back',
    help: `${stateDirLine}
  --executor NAME      of this executor (default: the switch of all)
`,
    load: async () => (await import('./commands/switch.ts')).onCommand,
  },
  doctor: {
    call: 'doctor',
    purpose: 'what this machine is good for',
    help: `${stateDirLine}
  --json               the findings as JSON on stdout
  --quick              leaves out the noise floor, which takes some seconds

Exits with 1 when something makes sandtune unusable here.
`,
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
} satisfies Readonly<Record<string, Verb>>;

export function verbNamed(name: string): Verb | null {
  return Object.hasOwn(verbs, name) ? verbs[name as keyof typeof verbs] : null;
}
