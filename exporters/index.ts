/** What `sandtune/exporters` offers: views of the ledger. */

export { type ReportData, reportSchemaVersion } from './report/data.ts';
export { type Report, type ReportOptions, report } from './report/report.ts';
export { type ReportPaths, writeReport } from './report/write-report.ts';
export { createLiveView, type LiveView, type LiveViewOptions } from './terminal/live/live-view.ts';
export type { TuneConfig } from './terminal/tune-config.ts';
