/** The three settings of the crash act. They differ in pairs, so that each start says where it stands. */
import type { Settings } from 'sandtune';

/** What every child is started with: where a start stands that knows of nothing else. */
export const configured: Settings = { threads: 1, batchSize: 1 };
/** Committed and kept before anything is killed: the anchor of the starts after that. */
export const improved: Settings = { batchSize: 8 };
/** On trial when the process is killed. */
export const candidate: Settings = { threads: 2 };
