/** What a source is recognised by at a restart. JSON in a checkpoint. */

/** What a file, or another partition that can be read again, is recognised by. All numbers as decimal text: an inode may exceed 2^53. */
export interface SourceIdentity {
  /** 'file' for files. Other sources may name kinds of their own. */
  readonly kind: string;
  readonly device?: string;
  readonly inode?: string;
  /** Bytes it had when it was opened. It may have grown since, and must not have shrunk below the position. */
  readonly sizeBytes?: number;
  /** SHA-256, hex, of its first `prefixBytes` bytes. */
  readonly prefixHash?: string;
  readonly prefixBytes?: number;
  /** The same of the `tailBytes` bytes before the position: what was put in or taken out before that moves them, and shows unless they repeat themselves. */
  readonly tailHash?: string;
  readonly tailBytes?: number;
}
