/** What the workers, guests and knobs of a sandbox do, over again with `transport: 'ring'`. */
process.env['SANDTUNE_TEST_TRANSPORT'] = 'ring';

const files = [
  'bring-up',
  'failing-start',
  'faulty-bindings',
  'hostile-values',
  'imports',
  'kill',
  'knobs',
  'proposals',
  'thrown',
  'transport-knobs',
  'violations',
];
for (const file of files) await import(`./${file}.test.ts`);
