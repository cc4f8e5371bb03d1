/** Emscripten without a factory: its `Module` is whatever `self.Module` is. */
import { createRequire } from 'node:module';
import { emscripten } from 'sandtune/bindings';

const require = createRequire(import.meta.url);

function factory(options) {
  globalThis.self = { Module: options };
  return require('argon2-browser/dist/argon2.js');
}

export const { imports, bind } = emscripten(factory, (module) => ({
  hash: (password, salt, rounds, kibibytes, length) => {
    const put = (bytes) => module.allocate([...bytes], 'i8', module.ALLOC_NORMAL);
    const [secret, salted, hash] = [put(password), put(salt), put(new Uint8Array(length))];
    const pointers = [secret, password.length, salted, salt.length, hash, length, 0, 0];
    module._argon2_hash_ext(rounds, kibibytes, 1, ...pointers, 2, 0, 0, 0, 0, 0x13);
    const result = module.HEAPU8.slice(hash, hash + length);
    for (const at of [secret, salted, hash]) module._free(at);
    return result;
  },
}));
