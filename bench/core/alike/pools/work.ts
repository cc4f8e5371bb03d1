/** The guest as a function, in a worker of a pool. */
import { type Answer, answerTo, type Bytes, exportsOf, type Request } from '../request.ts';

export function workOf(bytes: Bytes): (request: Request) => Answer {
  const exports = exportsOf(bytes);
  return (request) => answerTo(exports, request);
}
