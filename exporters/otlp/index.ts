/** The package entry `sandtune/otlp`: spans to a collector. The SDK is loaded when `startOtlp` is called. */
import '../../src/foundation/node-version.ts';

export { type OtlpOptions, otlpDefaults } from './options.ts';
export { type Otlp, startOtlp } from './start.ts';
