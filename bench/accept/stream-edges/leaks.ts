/** Whether anybody still holds what should be gone: asked of the collector itself. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nextTurn } from './stage.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const tries = 8;

/** @returns how many are still there after some collections, each after a turn of the event loop */
export async function leaked(remains: readonly WeakRef<object>[]): Promise<number> {
  let left = remains.length;
  for (let i = 0; i < tries && left > 0; i++) {
    await nextTurn();
    collect();
    left = remains.filter((one) => one.deref() !== undefined).length;
  }
  return left;
}
