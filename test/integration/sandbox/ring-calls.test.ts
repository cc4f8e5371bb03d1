/** What calls of a sandbox do, over again with `transport: 'ring'`. */
process.env['SANDTUNE_TEST_TRANSPORT'] = 'ring';

for (const file of [
  'calls',
  'cancel',
  'close',
  'deadline',
  'exhausted-stack',
  'guest-state',
  'limits',
  'process',
  'results',
  'tenants',
])
  await import(`./${file}.test.ts`);
