/** What is said of a function that gives a generator: it has done nothing by the time that is there. */
export function generatorText(name: string): string {
  return `'${name}': expected a result, got a generator, whose work begins when it is read: let the function read it`;
}
