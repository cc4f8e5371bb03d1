/**
 * The arguments of a verb: each option is one the verb has, given once, with a value where it takes one. Every
 * verb takes `--state-dir`.
 */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { meantText } from '../../src/foundation/nearest.ts';
import { UsageError } from './exit-codes.ts';

const common = { 'state-dir': { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

type Values<O extends ParseArgsOptionsConfig> = {
  readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string;
};

export interface CommandLine<O extends ParseArgsOptionsConfig> {
  readonly values: Values<O & typeof common>;
  readonly positionals: readonly string[];
}

/**
 * @param verb for messages: 'report'
 * @param takes what stands beside the options, for messages: 'a config file'; null: nothing may
 * @throws {UsageError} that names the option, and the one that may have been meant
 */
export function parseCommandLine<const O extends ParseArgsOptionsConfig>(
  verb: string,
  args: readonly string[],
  own: O,
  takes: string | null = null,
): CommandLine<O> {
  const options: ParseArgsOptionsConfig = { ...common, ...own };
  // Strict parsing would say in its own words what is wrong.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values: { [name: string]: string | boolean } = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option') {
      const { name, rawName, value, inlineValue } = token;
      if (Object.hasOwn(values, name)) throw new UsageError(`${rawName}: expected once, got twice`);
      values[name] = checked(verb, options, rawName, name, value, inlineValue === true);
    } else if (token.kind === 'positional') {
      if (takes === null) throw new UsageError(`${verb}: expected options only, got '${token.value}'`);
      positionals.push(token.value);
    }
  }
  return { values: values as Values<O & typeof common>, positionals };
}

function checked(
  verb: string,
  options: ParseArgsOptionsConfig,
  rawName: string,
  name: string,
  value: string | undefined,
  isInline: boolean,
): string | boolean {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option || !rawName.startsWith('--')) {
    const known = Object.keys(options).map((one) => `--${one}`);
    throw new UsageError(`${verb}: no option '${rawName}'; expected ${known.join(', ')}${meantText(rawName, known)}`);
  }
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName}: expected no value, got '${value}'`);
    return true;
  }
  if (value === undefined) throw new UsageError(`${rawName}: expected a value, got none`);
  // `--session --json` leaves out the number, and `--session=--json` does not; `-` is a value: standard input.
  if (!isInline && /^-\D/.test(value)) throw new UsageError(`${rawName}: expected a value, got '${value}'`);
  return value;
}
