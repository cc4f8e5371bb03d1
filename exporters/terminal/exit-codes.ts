/** What the command's exit code says. */
export const exitCodes = {
  ok: 0,
  /** What was asked for could not be done. */
  failure: 1,
  /** The command line or the config is at fault. */
  usage: 2,
  /** `check`: a setting that was proven is not what is configured. */
  notApplied: 98,
  /** `check`: a limit is broken now. */
  limitBroken: 99,
  /** Ctrl-C or a termination signal; settings were restored first. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command line or the config is at fault: shown with the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
