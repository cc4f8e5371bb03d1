/** A piscina worker whose calls wait, as those that ask a database do. */
import { systemTimers } from '../../src/foundation/clock.ts';

export default async function wait(ms: number): Promise<number> {
  await systemTimers.sleep(ms, { keepAlive: true });
  return ms;
}
