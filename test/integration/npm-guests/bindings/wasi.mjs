/** A WASI command, which needs no glue. */
import { wasi } from 'sandtune/bindings';

export const { imports, bind } = wasi();
