/**
 * Whether traces could leave this process: the optional peer, the OTEL_* variables, and a collector
 * that listens. Connects to the declared endpoint, or to loopback, to nothing else; sends nothing.
 * Only names of variables are shown: their values may be secrets.
 */
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { EnvironmentVariables } from '../../../src/foundation/surroundings.ts';
import { collectorAddress } from '../../otlp/endpoint.ts';
import type { Finding } from './finding.ts';

const peer = '@opentelemetry/sdk-node';
const maxWaitMs = 700;

export async function checkExporters(environment: EnvironmentVariables): Promise<Finding[]> {
  const installed = isInstalled(peer);
  const variables = Object.keys(environment)
    .filter((name) => name.startsWith('OTEL_') && environment[name] !== '')
    .toSorted();
  return [
    {
      id: 'otlp-peer',
      // It is poor where a variable asks for traces, but the peer that would send them is not installed.
      state: installed || variables.length === 0 ? 'good' : 'poor',
      title: 'OTLP exporter',
      found: `${peer} ${installed ? 'is installed' : 'is not installed'}; ${variables.length === 0 ? 'no OTEL_* variable is set' : `${variables.join(', ')} set`}`,
      means: installed ? "traces can be sent with 'sandtune/otlp'" : `no traces leave; for that: npm install ${peer}`,
      data: { installed, variables },
    },
    await checkCollector(environment),
  ];
}

async function checkCollector(environment: EnvironmentVariables): Promise<Finding> {
  const declared = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const url = collectorAddress(declared ?? 'http://127.0.0.1:4318');
  const common = { id: 'collector', title: 'collector' };
  if (url === null) {
    return {
      ...common,
      state: 'poor',
      found: 'the declared endpoint is no http(s) address',
      means: 'traces cannot be sent: expected something like http://localhost:4318',
      data: { declared: true, reachable: false },
    };
  }
  const place = `${url.hostname}:${portOf(url)}`;
  const reachable = await listens(url.hostname.replace(/^\[|\]$/g, ''), portOf(url));
  const data = { declared: declared !== undefined, place, reachable };
  if (reachable)
    return {
      ...common,
      state: 'good',
      found: `something listens at ${place}`,
      means: 'traces have somewhere to go',
      data,
    };
  if (declared !== undefined)
    return {
      ...common,
      state: 'poor',
      found: `nothing answers at ${place} within ${maxWaitMs} ms`,
      means: 'traces would be dropped and counted; calls are not affected',
      data,
    };
  return {
    ...common,
    state: 'good',
    found: `none declared, and nothing listens at ${place}`,
    means: 'nothing to do unless you want traces: OTEL_EXPORTER_OTLP_ENDPOINT names one',
    data,
  };
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(maxWaitMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
