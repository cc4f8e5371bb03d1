/** A binding that is denied what Node's permission model denies, in the form in which Node says so. */
function deny(): never {
  throw Object.assign(new Error('Access to this API has been restricted'), {
    code: 'ERR_ACCESS_DENIED',
    permission: 'FileSystemRead',
    resource: '/etc/hosts',
  });
}

export function bind() {
  return {
    open: deny,
    deep: () => {
      try {
        deny();
      } catch (cause) {
        throw new Error('expected a file', { cause });
      }
    },
    fail: () => {
      throw new Error('something else');
    },
  };
}
