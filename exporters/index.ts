/** What `sandtune/exporters` offers: views of the ledger. */
import '../src/foundation/node-version.ts';

export {
  type AccountingData,
  type BaselineData,
  type BrokenData,
  type ClaimData,
  type ClaimKind,
  type DamageData,
  type FigureData,
  type FunctionData,
  type GainData,
  type KnobData,
  type LatencyData,
  type LatencySide,
  type NoiseData,
  type NotTriedData,
  type ObjectiveData,
  type PointData,
  type PredictionData,
  type RecommendationData,
  type ReportData,
  type ReproduceData,
  type RevertData,
  reportSchemaVersion,
  type SessionData,
  type SettingsData,
  type StagesData,
  type StagesSide,
  type StripWindow,
  type ThroughputData,
  type TrialData,
  type VerdictData,
} from './report/data.ts';
export { type Report, type ReportOptions, type ReportSource, report } from './report/report.ts';
export { type ReportPaths, writeReport } from './report/write-report.ts';
export {
  replayOf,
  reportOf,
  type StoredOptions,
  type StoredReplay,
  type StoredReport,
  type StoredReportOptions,
} from './stored/report-of.ts';
export { createLiveView, type LiveView, type LiveViewOptions } from './terminal/live/live-view.ts';
export type { Faults } from './words/faults.ts';
