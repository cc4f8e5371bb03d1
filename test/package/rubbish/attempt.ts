/** Calls with rubbish: each is taken, or refused with an error of ours; what else happens is told. */
import { inspect } from 'node:util';
import { isSandtuneError } from 'sandtune';
import { rubbish } from './values.ts';

/** What is wrong for the compiler is what these calls are about. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Anything = any;

/** Far more than any of these calls takes. */
const patienceMs = 60_000;

export class Attempts {
  /** What should not have happened. */
  readonly faults: string[] = [];
  count = 0;

  /** @param act makes the call, and lets go what it gave */
  async attempt(label: string, act: () => unknown): Promise<void> {
    this.count++;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'ended neither way');
    });
    const fault = await Promise.race([faultOf(act), tooLong]);
    clearTimeout(timer);
    if (fault !== null) this.faults.push(`${label}: ${fault}`);
  }

  /** Each kind of rubbish at each place of `good`. */
  async eachArgument(
    name: string,
    call: (...args: Anything[]) => unknown,
    good: () => readonly unknown[],
  ): Promise<void> {
    for (const at of good().keys()) {
      for (const [kind, make] of Object.entries(rubbish))
        await this.attempt(`${name}, ${kind} as argument ${at}`, () => call(...good().with(at, make())));
    }
  }

  /**
   * Each kind of rubbish as each option that the call says it has, which it does where it is given another.
   * @param call is given the options, which it lays over good ones
   */
  async eachOption(name: string, call: (options: Anything) => unknown): Promise<void> {
    const known = await optionsOf(call);
    if (known.length === 0) this.faults.push(`${name}: refuses no option that it has not`);
    for (const option of known) {
      for (const [kind, make] of Object.entries(rubbish))
        await this.attempt(`${name}, ${kind} as ${option}`, () => call({ [option]: make() }));
      await this.attempt(`${name}, a getter of ${option} that throws`, () =>
        call(Object.defineProperty({}, option, { enumerable: true, get: refuseToGive })),
      );
    }
  }
}

/** `good` with `more` over it, whose getters are not called. */
export function laidOver(good: object, more: object): Anything {
  return Object.defineProperties({ ...good }, Object.getOwnPropertyDescriptors(more));
}

function refuseToGive(): never {
  throw new RangeError('a getter');
}

async function faultOf(act: () => unknown): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (isSandtuneError(error))
      return /expected|no option|no knob/.test(error.message) ? null : `only ${error.message}`;
    return inspect(error).split('\n').slice(0, 3).join(' ');
  }
}

/** 'no option 'nothingOfOurs'; expected name, load, …; did you mean …'. */
async function optionsOf(call: (options: Anything) => unknown): Promise<readonly string[]> {
  try {
    await call({ nothingOfOurs: 1 });
    return [];
  } catch (error) {
    return /no option 'nothingOfOurs'; expected ([^;]*)/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
  }
}
