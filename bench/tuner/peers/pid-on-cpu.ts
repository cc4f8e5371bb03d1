/**
 * A PID controller that holds the CPU at four fifths: the logarithm of the limit follows that of the load.
 * @see Kubernetes, HorizontalPodAutoscaler, for its defaults: 80 % of CPU, every 15 s, nothing within 10 % of
 *   it. The gains are those of Tyreus and Luyben ("Tuning PI controllers for integrator/dead time processes", 1992)
 *   for a loop that answers in proportion and one step late, which swings by itself at a gain of 1 with a period of two
 *   steps: a gain of 1/2.2, an integral time of 2.2 periods, a derivative time of 1/6.3 of one. Those of Ziegler and
 *   Nichols swing for good where there is one measurement a step
 */
import type { Peer, Service, Steps } from '../peer.ts';
import { type Limit, limitOf } from './limit.ts';

const wanted = 0.8;
const stepMs = 15_000;
const tolerance = 0.1;
const [gain, integralSteps, derivativeSteps] = [1 / 2.2, 2.2 * 2, 2 / 6.3] as const;

export const pidOnCpu: Peer = {
  name: 'pid-on-cpu',
  about: 'a PID controller that holds the CPU at 80 %',
  rule: (service) => {
    const limit = limitOf(service);
    return limit && rule(limit, service);
  },
};

function* rule({ min, max, start, settings }: Limit, { cpus }: Service): Steps {
  let now = start;
  let [before, beforeThat] = [0, 0];
  for (;;) {
    const { cpuMs, startMs, endMs } = yield { settings: settings(Math.round(now)), forMs: stepMs };
    const used = cpuMs / (cpus * (endMs - startMs));
    const error = used > 0 && Math.abs(used / wanted - 1) > tolerance ? Math.log(wanted / used) : 0;
    const change = error - before + error / integralSteps + derivativeSteps * (error - 2 * before + beforeThat);
    [beforeThat, before] = [before, error];
    // A controller that has nothing to correct stands still, instead of taking back what it did.
    if (error !== 0) now = Math.min(max, Math.max(Math.max(min, 1e-9), now * Math.exp(gain * change)));
  }
}
