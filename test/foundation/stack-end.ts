/** Goes down to the end of the stack, and runs `each` at every level on the way back, the lowest first, at most 5,000 times. */
export function eachLevelUp(each: () => void): void {
  let levels = 0;
  const down = (): void => {
    try {
      down();
    } catch {
      // The end.
    }
    if (levels++ < 5000) each();
  };
  down();
}
