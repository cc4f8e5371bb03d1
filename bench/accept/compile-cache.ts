/** For the environment of an acceptance's many short-lived processes: what one has compiled the next need not. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'sandtune-accept-compiled') } as const;
