/** Imports every entry by name, and prints true for each that has exports, and what went wrong for the others. */
const entries = process.argv.slice(2);
const ends = await Promise.all(
  entries.map((entry) =>
    import(entry).then(
      (all: object) => Object.keys(all).length > 0,
      (error: Error) => error.message,
    ),
  ),
);
console.log(JSON.stringify(ends));
