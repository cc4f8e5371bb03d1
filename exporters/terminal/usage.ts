/** The help texts of the command. */

export const usage = `sandtune: measures sandboxed work, and tunes it while it runs

usage
  sandtune tune <config.mts>   run a load and tune its executor, told live on a terminal
  sandtune report              a page, a summary and JSON from what was recorded
  sandtune replay              decide everything again from the ledger and compare
  sandtune off | on            the durable off switch
  sandtune doctor              what this machine is good for

  sandtune <command> --help    its options
  sandtune --version

exit codes
  0 done · 1 failed · 2 wrong usage or config · 130 interrupted (settings restored first)
`;

const stateDirLine = "  --state-dir FOLDER   where the ledger is (default: $SANDTUNE_DIR, else '.sandtune')";

export const commandUsage = {
  tune: `usage: sandtune tune <config.mts> [options]

  --seconds N          stop after N seconds (default: when nothing is worth trying for now)
  --mode MODE          observe, advise, confirm or auto (default: what the config says, else observe)
  --out FOLDER         where the report goes (default: 'report' beside the ledger)
  --json               the result as JSON on stdout

The config's default export is { executor, load?, options? } or an (async) function that gives it:
  load: (run, signal) => Promise<void>    makes calls until the signal is aborted
  options                                 what tune() takes
Ctrl-C restores the settings, writes the report and exits with 130; twice exits at once.
`,
  report: `usage: sandtune report [options]

${stateDirLine}
  --session N          of this session (default: the last)
  --out FOLDER         where the report goes (default: 'report' beside the ledger)
  --markdown, --json   on stdout instead of into files (with --out: as well)
`,
  replay: `usage: sandtune replay [options]

${stateDirLine}
  --session N          only this session (default: all)
  --json               the result as JSON on stdout

Exits with 1 when a decision comes out differently.
`,
  off: `usage: sandtune off [options]

${stateDirLine}
  --executor NAME      only this executor (default: all)

A running tuner reads this within seconds and ends on its anchor; the next one does not start.
`,
  on: `usage: sandtune on [options]

${stateDirLine}
  --executor NAME      of this executor (default: the switch of all)
`,
  doctor: `usage: sandtune doctor [options]

${stateDirLine}
  --json               the findings as JSON on stdout
  --quick              leaves out the noise floor, which takes some seconds

Exits with 1 when something makes sandtune unusable here.
`,
} as const;

export type CommandName = keyof typeof commandUsage;
