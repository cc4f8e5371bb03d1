/** Takes a place in the queue of a folder, says who is before it, and lives until its stdin ends. */
import { turnsOfMachine } from '../../src/store/turns.ts';

const [folder, owner = ''] = process.argv.slice(2);
const nowMs = Date.now();
const asked = turnsOfMachine(folder).ask({ owner, name: owner, nowMs, goodUntilMs: nowMs + 600_000 });
process.stdout.write(`${JSON.stringify(asked)}\n`);
process.stdin.resume();
