import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { isGone, type ProcessIdentity, processText, thisProcess } from '../../src/store/process-identity.ts';

const file = fileURLToPath(new URL('./identified-child.ts', import.meta.url));

/** Another process, and what it says of itself. */
async function another(): Promise<{ readonly child: ChildProcess; readonly identity: ProcessIdentity }> {
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, identity: JSON.parse(String(text)) as ProcessIdentity };
}

it('a process that lives is not gone, and is gone once it was killed', async () => {
  const { child, identity } = await another();
  expect(isGone(identity)).toBe(false);
  expect(processText(identity)).toBe(`process ${child.pid} on ${identity.host}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isGone(identity)).toBe(true);
});

/** Only Linux tells in which container a process is, and when it started. */
const isTold = process.platform === 'linux';
const whyNotTold = isTold ? '' : ' (skipped: only Linux says so)';

it.skipIf(!isTold)(`a process whose id was given out again is gone${whyNotTold}`, () => {
  expect(isGone({ ...thisProcess(), started: '1' })).toBe(true);
  expect(isGone(thisProcess())).toBe(false);
});

it.each<[string, Partial<ProcessIdentity>]>([
  ['on another machine', { host: 'elsewhere' }],
  ['of another start of the machine', { boot: 'another' }],
  ['in another container of this host name', { namespace: 'pid:[1]' }],
  ['whose id is none', { pid: -1 }],
  ...(isTold
    ? ([
        ['in a container that does not say which it is', { namespace: '' }],
        ['of which it is not known when it started', { started: '' }],
      ] satisfies [string, Partial<ProcessIdentity>][])
    : []),
])('a process %s is not taken for gone, though its id is nobody’s here', (_, other) => {
  const nobody = { ...thisProcess(), pid: 2 ** 30, started: '1' };
  expect(isGone(nobody)).toBe(true);
  expect(isGone({ ...nobody, ...other })).toBe(false);
});

it('the text of a holder tells this process from others, also from one of its id in another container', () => {
  const { host, pid } = thisProcess();
  expect(processText(thisProcess())).toBe('this process');
  expect(processText({ ...thisProcess(), started: '1' })).toBe(`process ${pid} on ${host}`);
  expect(processText({ ...thisProcess(), namespace: 'pid:[1]' })).toBe(
    `process ${pid} on ${host}, in another container`,
  );
  expect(processText({ ...thisProcess(), host: 'build-7' })).toBe(`process ${pid} on build-7`);
});
