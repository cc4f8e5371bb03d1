/** All peers but Optuna, which needs a program (optuna.ts). */
import type { Peer } from '../peer.ts';
import { aimd } from './aimd.ts';
import { applyAndCompare } from './apply-and-compare.ts';
import { coordinateSweep } from './coordinate-sweep.ts';
import { gradient2 } from './gradient2.ts';
import { hillClimbing } from './hill-climbing.ts';
import { pidOnCpu } from './pid-on-cpu.ts';
import { randomSearch } from './random-search.ts';
import { throughputClimbing } from './throughput-climbing.ts';
import { vegas } from './vegas.ts';

export const peers: readonly Peer[] = [
  applyAndCompare,
  randomSearch,
  coordinateSweep,
  hillClimbing,
  gradient2,
  vegas,
  aimd,
  throughputClimbing,
  pidOnCpu,
];
