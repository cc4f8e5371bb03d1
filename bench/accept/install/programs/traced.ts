/** Makes spans of calls, and sends them by an SDK of its own, or by `startOtlp()` where the first argument says so. */
import { wrap } from 'sandtune';
import { type Otlp, startOtlp } from 'sandtune/otlp';

const [starts, count] = [process.argv[2] === 'startOtlp', 50];
const twice = wrap(async (n: number) => n * 2, { name: 'twice', spans: { sampleEvery: 1 } });

let otlp: Otlp | null = null;
let refused = '';
try {
  otlp = await startOtlp();
} catch (error) {
  refused = (error as { readonly code: string }).code;
}
for (let n = 0; n < count; n++) await twice.run(n);
await otlp?.shutdown();
// An SDK that runs already sends by its own schedule.
if (!starts) await new Promise((resolve) => setTimeout(resolve, 2000));
console.log(JSON.stringify({ refused, sent: otlp?.sent() ?? 0, lost: otlp?.lost() ?? 0 }));
process.exit(0);
