/** Words as a sentence: begun with a capital, ended with a full stop where nothing ends it. */
export function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
