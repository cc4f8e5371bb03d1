/** A worker file that answers every batch with something else than its results. */
export default function answer(): number {
  return 7;
}
