/**
 * The modules a worker has read: each file once, its text rewritten and compiled once, evaluated as often
 * as instances ask for it.
 *
 *   URL ─▶ format (extension, package.json "type", syntax) ─▶ text (types stripped) ─▶ rewritten ─▶ script
 */
import { readFileSync } from 'node:fs';
import { findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { hostName, type RewrittenModule, rewriteModule, rewriteScript } from './rewrite-module.ts';

export type ModuleSource = EsModuleSource | CommonJsSource | JsonSource | WasmSource;

export interface EsModuleSource {
  readonly format: 'module';
  readonly rewritten: RewrittenModule;
  /**
   * The module as a function, made anew at each call from code that is compiled once.
   * @param isLive true when what it imports may change: then it takes an object of getters, else the values
   */
  readonly make: (isLive: boolean) => (...args: unknown[]) => unknown;
}

export interface CommonJsSource {
  readonly format: 'commonjs';
  readonly filename: string;
  readonly make: () => (...args: unknown[]) => unknown;
}

interface JsonSource {
  readonly format: 'json';
  readonly text: string;
}

interface WasmSource {
  readonly format: 'wasm';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class ModuleSources {
  readonly #sources = new Map<string, ModuleSource>();

  /** @throws what reading or parsing throws; TypeError for a file that is no module we can read */
  at(url: string): ModuleSource {
    // A query makes another module of a file, but no other text.
    const file = url.replace(/[?#].*$/s, '');
    const known = this.#sources.get(file);
    if (known) return known;
    const source = readSource(file);
    this.#sources.set(file, source);
    return source;
  }
}

function readSource(url: string): ModuleSource {
  if (!url.startsWith('file:')) throw new TypeError(`expected a module that is a file, got ${url}`);
  const filename = fileURLToPath(url);
  const extension = extname(filename);
  if (extension === '.wasm') return { format: 'wasm', bytes: new Uint8Array(readFileSync(filename)) };
  const read = readFileSync(filename, 'utf8').replace(/^\uFEFF/, '');
  if (extension === '.json') return { format: 'json', text: read };
  const text = /\.[cm]?ts$/.test(extension) ? withoutTypes(read) : read;
  return formatOf(filename, extension, text) === 'module' ? esModule(url, text) : commonJs(filename, text);
}

/** Node warns that this function is experimental, which says nothing to whoever wrote a binding in TypeScript. */
function withoutTypes(text: string): string {
  const warn = process.emitWarning.bind(process);
  try {
    process.emitWarning = () => {};
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = warn;
  }
}

function formatOf(filename: string, extension: string, text: string): 'module' | 'commonjs' {
  if (/^\.m[jt]s$/.test(extension)) return 'module';
  if (/^\.c[jt]s$/.test(extension)) return 'commonjs';
  // The one nearest to the file, which may be in its own folder. Where there is none, Node 26 answers with a folder.
  const manifest = findPackageJSON(pathToFileURL(filename));
  const type: unknown = manifest?.endsWith('package.json')
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown }).type
    : undefined;
  if (type === 'module' || type === 'commonjs') return type;
  return looksLikeModule(text) ? 'module' : 'commonjs';
}

/** Without a "type" Node decides by the syntax, and so do we: what only parses as a module is one. */
function looksLikeModule(text: string): boolean {
  if (!/\b(import|export|await)\b/.test(text)) return false;
  try {
    rewriteScript(text);
    return false;
  } catch {
    try {
      rewriteModule(text);
      return true;
    } catch {
      return false;
    }
  }
}

function esModule(url: string, text: string): EsModuleSource {
  const rewritten = parsed(url, text);
  const { body, isAsync, imports } = rewritten;
  const head = `${isAsync ? 'async ' : ''}function`;
  let stable: Script | undefined;
  let live: Script | undefined;
  const locals = imports.map(({ local }) => `, ${local}`).join('');
  return {
    format: 'module',
    rewritten,
    make: (isLive) => {
      if (!isLive) stable ??= script(url, `(${head} (${hostName}${locals}) {${body}\n})`);
      else
        live ??= script(
          url,
          `(function (${hostName}, ${hostName}_live) { with (${hostName}_live) { return (${head} () {${body}\n})(); } })`,
        );
      return (isLive ? (live as Script) : (stable as Script)).runInThisContext() as (...args: unknown[]) => unknown;
    },
  };
}

function parsed(url: string, text: string): RewrittenModule {
  try {
    return rewriteModule(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SyntaxError(`${cause.message} in ${url}`, { cause });
  }
}

function commonJs(filename: string, text: string): CommonJsSource {
  const clean = text.replace(/^#![^\n\r]*/, (line) => ' '.repeat(line.length));
  const asking = /\bimport\b/.test(clean) ? rewritten(clean) : clean;
  let compiled: Script | undefined;
  return {
    format: 'commonjs',
    filename,
    make: () => {
      compiled ??= script(
        filename,
        `(function (exports, require, module, __filename, __dirname, ${hostName}) {${asking}\n})`,
      );
      return compiled.runInThisContext() as (...args: unknown[]) => unknown;
    },
  };
}

/** The text itself where the parser does not understand it: V8, which compiles it, has the last word. */
function rewritten(text: string): string {
  try {
    return rewriteScript(text);
  } catch {
    return text;
  }
}

function script(filename: string, text: string): Script {
  return new Script(text, { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
}
