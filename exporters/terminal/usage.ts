/** The help texts of the command, from the table of its verbs. */
import { type Verb, verbs } from './verbs.ts';

/** Columns of a call in the list of verbs: `sandtune observe -- node app.mjs` and two spaces after it. */
const callColumns = 34;

export const usage = `sandtune: measures sandboxed work, and tunes it while it runs

usage
${Object.values(verbs).map(lineOf).join('\n')}

${lineOf({ call: '<command> --help', purpose: 'its options' })}
  sandtune --version

exit codes
  0 done · 1 failed · 2 wrong usage or config · 130 interrupted (settings restored first)
  check: 98 something proven is not applied · 99 a limit is broken
`;

export function helpOf({ call, help }: Verb): string {
  return `usage: sandtune ${call} [options]\n\n${help}`;
}

function lineOf({ call, purpose }: Pick<Verb, 'call' | 'purpose'>): string {
  return `  ${`sandtune ${call}`.padEnd(callColumns)}${purpose}`;
}
