/**
 * The knob `tier`: whether calls run on workers, or in the thread of their caller. It moves by a restart alone: a
 * tuner that sees calls for which no worker pays says so, with the edit, and tries nothing. A sandbox whose guests or
 * calls need a worker has no such knob.
 */
import { executorSpec, givenText, type KnobParts } from '../executor/knob.ts';
import { SandtuneError } from '../foundation/errors.ts';
import type { ResolvedSandboxOptions } from './options.ts';

type TierName = ResolvedSandboxOptions['tier'];

export function tierKnobs({
  wayToThread,
  given,
}: Pick<ResolvedSandboxOptions, 'wayToThread' | 'given'>): readonly KnobParts<TierName>[] {
  if (wayToThread === null) return [];
  const option = { of: 'createSandbox()', argument: 'first', path: ['tier'] } as const;
  return [
    {
      spec: executorSpec<TierName>({
        id: 'tier',
        domain: ['worker', 'thread'],
        moves: { up: 'restart', down: 'restart' },
        defaultValue: 'worker',
        source: 'default: workers',
      }),
      effective: () => 'worker',
      move: (value, inForce) => {
        if (value !== 'worker')
          throw new SandtuneError('ERR_SANDTUNE_OPTION', "tier: 'thread' is an option of createSandbox() alone");
        inForce(value);
      },
      option,
      given: given.tier,
      ...(wayToThread.length > 0 && {
        // What is beside it is refused there, and an edit of one option cannot take others out.
        patch: (value) => ({
          before: givenText(option, given.tier),
          after: `tier: '${value}',${value === 'thread' ? `   // in place of ${wayToThread.join(', ')}` : ''}`,
        }),
      }),
    },
  ];
}
