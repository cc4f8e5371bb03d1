/** True for a value that has the shape of an entry; a damaged row may hold anything. */
export function isReadable(entry: unknown): boolean {
  if (!isObject(entry) || typeof entry['session'] !== 'number') return false;
  if (entry['kind'] === 'session') return isObject(entry['anchor']);
  const body = entry[String(entry['kind'])];
  return isObject(body) && typeof body['kind'] === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
