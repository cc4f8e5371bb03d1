/**
 * The binding of a guest that `sandtune stream` runs, loaded in the sandbox's workers: each function that the guest
 * exports, as `records()` binds it. The host calls the one that the command was given.
 */
import type { Binding } from '../../../src/bindings/binding.ts';
import { records } from '../../../src/bindings/index.ts';

const binding: Binding = {
  imports: () => undefined,
  bind: (exports, self) => {
    const functions = Object.keys(exports).filter((name) => name !== '' && typeof exports[name] === 'function');
    return records({ functions }).bind(exports, self);
  },
};

export const { imports, bind } = binding;
