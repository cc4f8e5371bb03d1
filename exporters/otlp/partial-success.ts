/**
 * Spans that a collector refused although it accepted the export. The stock exporter only logs them, so
 * its response handler is replaced: it hears of each response just before the export's result is told.
 */

/** What a collector refused of one export. */
export interface RefusedSpans {
  readonly spans: number;
  readonly reason: string;
}

interface Delegate {
  _responseHandler: { handleResponse(response: unknown): void };
}

/**
 * Calls `tell` for each response of a collector that refuses spans, before the export's own callback.
 * Where the exporter has not the shape of the version this was written for, nothing is told.
 */
export function onRefusedSpans(exporter: object, tell: (refused: RefusedSpans) => void): void {
  const delegate = (exporter as { readonly _delegate?: Partial<Delegate> })._delegate;
  const stock = delegate?._responseHandler;
  if (!delegate || typeof stock?.handleResponse !== 'function') return;
  delegate._responseHandler = {
    handleResponse(response) {
      const refused = refusedIn(response);
      if (refused) tell(refused);
      stock.handleResponse(response);
    },
  };
}

/** @see opentelemetry-proto, collector/trace/v1/trace_service.proto, ExportTracePartialSuccess */
function refusedIn(response: unknown): RefusedSpans | null {
  const { partialSuccess } = (response ?? {}) as {
    readonly partialSuccess?: { readonly rejectedSpans?: unknown; readonly errorMessage?: unknown } | null;
  };
  const spans = Number(partialSuccess?.rejectedSpans ?? 0);
  // The field is an int64 that some versions read as a uint64: from 2^63 on it is negative, which says nothing.
  if (!(spans > 0 && spans < 2 ** 63)) return null;
  const message = partialSuccess?.errorMessage;
  return { spans, reason: typeof message === 'string' && message !== '' ? message : 'no reason given' };
}
