// Loaded before the program: the system's clock, as the process reads it, can be stepped while it runs.
const now = Date.now;
globalThis.stepClockMs = 0;
Date.now = () => now() + globalThis.stepClockMs;
