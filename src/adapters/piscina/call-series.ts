/**
 * What the calls of a pool are counted under: the export that they run, and where they name a file of
 * their own, that file. Two files are counted apart though they are called the same.
 */
import { fileURLToPath } from 'node:url';
import type { Series } from '../../measure/call.ts';
import type { Recorder } from '../../measure/recorder.ts';
import type { PiscinaPool, PiscinaRunOptions } from './piscina-shape.ts';

/** Files that are told apart; a program that makes more of them is not to fill the memory with their names. */
const mostFiles = 1000;

export class CallSeries {
  readonly #pool: Pick<PiscinaPool, 'options'>;
  readonly #recorder: Recorder;
  /** Of calls that name neither. */
  readonly usual: Series;
  /** By file as calls name it. */
  readonly #labels = new Map<string, string>();
  /** The file that has a label. */
  readonly #files = new Map<string, string>();

  constructor(pool: Pick<PiscinaPool, 'options'>, recorder: Recorder) {
    this.#pool = pool;
    this.#recorder = recorder;
    this.usual = recorder.series(pool.options.name);
  }

  /** Options that cannot be used are counted as if they were not given: the pool refuses their call. */
  of(options: Pick<PiscinaRunOptions, 'name' | 'filename'>): Series {
    try {
      const { name, filename } = options;
      const label = typeof filename === 'string' ? this.#labelOf(filename) : undefined;
      const isNamed = typeof name === 'string' && name !== '';
      if (label === undefined) return isNamed ? this.#recorder.series(name) : this.usual;
      return this.#recorder.series(isNamed ? `${label}#${name}` : label);
    } catch {
      return this.usual;
    }
  }

  /** undefined for the file of the pool itself. */
  #labelOf(filename: string): string | undefined {
    const known = this.#labels.get(filename);
    if (known !== undefined) return known;
    const file = filename.startsWith('file:') ? fileURLToPath(filename) : filename;
    if (file === this.#pool.options.filename) return undefined;
    if (this.#labels.size >= mostFiles) return 'other';
    const label = this.#freeLabel(file);
    this.#files.set(label, file);
    this.#labels.set(filename, label);
    return label;
  }

  /** 'resize.mjs', or as much of its path before it as tells it from another file. */
  #freeLabel(file: string): string {
    const parts = file.split(/[\\/]/);
    for (let count = 1; count < parts.length; count++) {
      const label = parts.slice(-count).join('/');
      if ((this.#files.get(label) ?? file) === file) return label;
    }
    return file;
  }
}
