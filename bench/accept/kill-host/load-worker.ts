/**
 * Thread with the CDN and the callers of the services: a closed loop of requests on each service that it is
 * told of, until the service does not answer any more. It has a thread so that it delays no kill.
 */
import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { startOrigin } from './origin.ts';

export interface LoadSetup {
  /** Time the CDN takes for an answer. */
  readonly delayMs: number;
  /** Requests under way at a service at any time. */
  readonly inFlight: number;
}

const { delayMs, inFlight } = workerData as LoadSetup;
const paths = 7;

parentPort?.on('message', (service: string) => {
  const agent = new Agent({ keepAlive: true });
  const callers = Array.from({ length: inFlight }, async (_, caller) => {
    for (let path = caller; await answers(`${service}/${path % paths}.js`, agent); path++);
  });
  void Promise.all(callers).then(() => agent.destroy());
});
const origin = await startOrigin(delayMs);
parentPort?.postMessage(origin.url);

/** False once there is no service any more. */
function answers(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(true)).once('error', () => resolve(false));
    }).once('error', () => resolve(false));
  });
}
