/** Says which process it is, and lives until its stdin ends. */
import { thisProcess } from '../../src/store/process-identity.ts';

process.stdout.write(JSON.stringify(thisProcess()));
process.stdin.resume();
