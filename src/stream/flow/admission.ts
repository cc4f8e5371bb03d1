/**
 * What becomes of a record that has been read, decided purely.
 *
 * | policy      | room      | no room                                    |
 * |-------------|-----------|--------------------------------------------|
 * | block       | take      | wait                                       |
 * | adaptive    | take      | wait (the limits themselves move)          |
 * | drop-newest | take      | leave it out                               |
 * | drop-oldest | take      | evict ones that wait where that makes room, else leave it out |
 * | sample      | take or leave out by its key, at the level in force; kept and no room: wait |
 */
import type { Backpressure } from '../options.ts';

export type Admission = 'take' | 'wait' | 'drop' | 'evict' | 'sample-out';

/**
 * @param weight of the record by its key at the level in force: 0 where it is not in the sample
 * @param mayEvict records wait, and it has room where some of them are left out
 */
export function admission(policy: Backpressure, hasRoom: boolean, weight: number, mayEvict: boolean): Admission {
  if (policy === 'sample' && weight === 0) return 'sample-out';
  if (hasRoom) return 'take';
  switch (policy) {
    case 'block':
    case 'adaptive':
    case 'sample':
      return 'wait';
    case 'drop-newest':
      return 'drop';
    case 'drop-oldest':
      return mayEvict ? 'evict' : 'drop';
  }
}
