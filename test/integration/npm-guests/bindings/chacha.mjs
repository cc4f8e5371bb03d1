/** AssemblyScript with glue of its own, which compiles at once and instantiates when it is asked to. */
import glue from '@chainsafe/as-chacha20poly1305';

export function bind() {
  const cipher = new glue.ChaCha20Poly1305(glue.newInstance());
  return { seal: (key, nonce, text, data) => cipher.seal(key, nonce, text, data) };
}
