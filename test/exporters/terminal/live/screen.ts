/** A terminal as far as the live view uses one: lines, cursor up, erase below, colours ignored; a narrower one breaks its lines. */

export class Screen {
  width: number;
  #lines: string[] = [''];
  #row = 0;

  constructor(width: number) {
    this.width = width;
  }

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- terminals speak in control characters
    for (const part of text.split(/(\u001b\[\??[\d;]*[A-Za-z]|\n|\r)/)) this.#take(part);
  }

  resize(width: number): void {
    this.width = width;
    const above = this.#lines.slice(0, this.#row).flatMap((line) => broken(line, width));
    this.#lines = [...above, ...this.#lines.slice(this.#row).flatMap((line) => broken(line, width))];
    this.#row = above.length;
  }

  text(): string {
    return this.#lines.join('\n').trimEnd();
  }

  #take(part: string): void {
    // oxlint-disable-next-line no-control-regex -- as above
    const sequence = /^\u001b\[(\??)([\d;]*)([A-Za-z])$/.exec(part);
    if (part === '\n') {
      this.#row++;
      this.#lines[this.#row] ??= '';
    } else if (sequence?.[3] === 'A') this.#row = Math.max(0, this.#row - Number(sequence[2]));
    else if (sequence?.[3] === 'J') this.#lines = [...this.#lines.slice(0, this.#row), ''];
    else if (sequence?.[3] === 'm' || sequence?.[1] === '?' || part === '\r' || part === '') return;
    else if (sequence) throw new Error(`a sequence the screen does not know: ${JSON.stringify(part)}`);
    else this.#lines[this.#row] += part;
  }
}

/** The names of tests are narrow: a character is a column. */
function broken(line: string, width: number): string[] {
  const rows = Math.max(1, Math.ceil(line.length / width));
  return Array.from({ length: rows }, (_, row) => line.slice(row * width, (row + 1) * width));
}
