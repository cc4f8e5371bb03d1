/** How much of the ledger one page shows. The JSON has everything, so a page that grows too large may show less. */
export interface Detail {
  /** Trials shown as they went, each with its picture. */
  readonly strips: number;
  /** Rows of a table, items of a list. */
  readonly rows: number;
  /** Points in the picture of tested settings. */
  readonly points: number;
  /** Characters of one text of the ledger. */
  readonly textLength: number;
}
