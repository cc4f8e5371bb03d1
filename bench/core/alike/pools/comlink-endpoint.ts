/** A worker or a port of Node as comlink wants it. Its own adapter is a file that its package does not export. */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Endpoint } from 'comlink';

export function endpointOf(port: MessagePort | Worker): Endpoint {
  const heard = new WeakMap<object, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfer: unknown[] = []) => port.postMessage(message, transfer as never),
    addEventListener: (_, listener) => {
      const hear = (data: unknown) =>
        typeof listener === 'function' ? listener({ data } as MessageEvent) : listener.handleEvent({ data } as never);
      heard.set(listener, hear);
      port.on('message', hear);
    },
    removeEventListener: (_, listener) => {
      const hear = heard.get(listener);
      if (hear) port.off('message', hear);
    },
  };
}
