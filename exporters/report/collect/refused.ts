/**
 * Settings that look better and that a start gate kept from being tried: what they look like, why they were
 * not tried, and what would allow it. A refusal is never told as 'nothing is better'.
 */
import type { Settings } from '../../../src/contracts.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { isJudged, type SessionHistory, type SessionWindows } from '../../../tuner/history.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import { changeText, endsText, shareText } from '../../words/numbers.ts';
import { allowText } from '../../words/refusal.ts';
import { changedKnobs, settingsText } from '../../words/settings.ts';
import type { RecommendationData } from '../data.ts';
import { weakerFirst } from './claim.ts';
import { allowedBy } from './not-tried.ts';
import { claiming, lineOf, plain, quote, type StatedVerdict, type Statement } from './statement.ts';
import { changesJudged } from './swept.ts';

export interface RefusedSetting {
  readonly settings: Settings;
  /** The setting it was compared with. */
  readonly from: Settings;
  /** How much better it looks, + is better; as a probe measured it, else as it was predicted. */
  readonly looks: number;
  readonly looking: Statement;
  /** The words of `looking` without the name of the setting. */
  readonly lookingText: string;
  readonly because: Statement;
  readonly toAllow: Statement;
}

/** That of the largest gain; null when none promises more than the smallest gain worth having. */
export function refusedIn(session: SessionHistory, windows: SessionWindows, from: Settings): RefusedSetting | null {
  const { minGain } = session.entry.options;
  const all = [...refusals(session, windows), ...probedOnly(session, windows)]
    .filter((one) => sameSettings(one.from, from) && one.looks > minGain)
    .filter((one) => !isTried(session, one.settings));
  return all.toSorted((a, b) => b.looks - a.looks)[0] ?? null;
}

export function refusedVerdict({ looking, because, toAllow }: RefusedSetting): StatedVerdict {
  return lineOf('refused', { action: looking, colon: '; ', claim: because, rest: toAllow });
}

/** The same as a recommendation. */
export function asRecommendation({ settings, lookingText, because, toAllow }: RefusedSetting): RecommendationData {
  return {
    priority: 'medium',
    settings,
    reason: `${lookingText}; ${because.text}`,
    evidence: toAllow.text,
    predicted: null,
  };
}

/** The predictions that a gate refused. */
function refusals(session: SessionHistory, windows: SessionWindows): readonly RefusedSetting[] {
  return session.notTried.flatMap((one) => {
    const { settings, reason, refused, entryNumber } = one;
    const { allow, toAllow } = allowedBy(session, one);
    if (!refused || !settings) return [];
    const { from, predicted } = refused;
    const probed = probedLook(session, windows, from, settings);
    const changes = Object.fromEntries(
      (allow ?? []).flatMap(({ option, value }) => (typeof value === 'number' ? [[option, value]] : [])),
    );
    return {
      settings,
      from,
      ...(probed ?? predictedLook(session, from, settings, entryNumber, predicted)),
      because: claiming('refusal', `not tried, because ${quote(reason)}`, {}, [entryNumber]),
      toAllow: claiming('refusal', `to allow it: ${toAllow}`, changes, [entryNumber]),
    };
  });
}

/** Settings that a probe saw clearly better, and that no model predicted afterwards. */
function probedOnly(session: SessionHistory, windows: SessionWindows): readonly RefusedSetting[] {
  const { mode } = session.entry.options;
  const last = session.notTried.at(-1);
  return session.probes.flatMap(({ settings, from, entryNumber }) => {
    const probed = probedLook(session, windows, from, settings);
    const isRefused = session.notTried.some((one) => one.refused && sameSettings(one.settings ?? {}, settings));
    if (!probed?.clear || !last || isRefused) return [];
    return {
      settings,
      from,
      ...probed,
      because: afterProbe(session, last),
      toAllow: claiming('refusal', `to allow it: ${allowText({ from, settings, allow: null, mode })}`, {}, [
        entryNumber,
      ]),
    };
  });
}

/** What a model answered after the probe: that none promises enough is a gate, and what they say of the load is none. */
function afterProbe({ entry }: SessionHistory, last: SessionHistory['notTried'][number]): Statement {
  if (last.code !== 'nothing-predicted')
    return claiming('refusal', `not tried, because ${quote(last.reason)}`, {}, [last.entryNumber]);
  const { minGain } = entry.options;
  const text = `not tried, because after the probe no model predicts a gain of more than ${shareText(minGain, 0)} (minGain)`;
  return claiming('tried', text, { minGain }, [last.entryNumber]);
}

/** What the last probe of a setting measured, against the windows beside them; null where there was none. */
function probedLook(session: SessionHistory, windows: SessionWindows, from: Settings, settings: Settings) {
  const { direction } = session.entry.goal.objective;
  const at = session.probes.findLastIndex(
    (one) => sameSettings(one.settings, settings) && sameSettings(one.from, from),
  );
  const { baseline = [], candidate = [] } = windows.probes[at] ?? {};
  if (baseline.length === 0 || candidate.length === 0) return null;
  const ratio = mean(candidate) / mean(baseline) - 1;
  if (!Number.isFinite(ratio)) return null;
  const [worst, best] = [Math.min(...candidate), Math.max(...candidate)];
  const clear = direction === 'maximize' ? worst > Math.max(...baseline) : best < Math.min(...baseline);
  const lookingText = `looks ${better(session, ratio)} (probe)`;
  const looking = claiming(
    'looks',
    `${nameOf(from, settings)} ${lookingText}`,
    { ratio, candidate: candidate.length, baseline: baseline.length },
    [session.probes[at]?.entryNumber],
  );
  return { looks: direction === 'maximize' ? ratio : 1 / (1 + ratio) - 1, clear, looking, lookingText };
}

function predictedLook(
  session: SessionHistory,
  from: Settings,
  settings: Settings,
  entry: number,
  {
    gain,
  }: {
    readonly gain: { readonly estimate: number; readonly low: number; readonly high: number; readonly level: number };
  },
): Pick<RefusedSetting, 'looks' | 'looking' | 'lookingText'> {
  const change = asMetricChange(gain, session.entry.goal.objective.direction);
  const [first, second] = weakerFirst(gain, change);
  const lookingText = `looks ${better(session, change.estimate)} (predicted, ${endsText(first, second)})`;
  const values = { ratio: change.estimate, first, second };
  const looking = claiming('looks', `${nameOf(from, settings)} ${lookingText}`, values, [entry]);
  return { looks: gain.estimate, looking, lookingText };
}

/** '77 % better'; of a metric to be made smaller: 'better, mean latency −43 %'. */
function better(
  {
    entry: {
      goal: { objective },
    },
  }: SessionHistory,
  ratio: number,
): string {
  return objective.direction === 'maximize'
    ? `${shareText(ratio, Math.abs(ratio) >= 0.0995 ? 0 : 1)} better`
    : `better, ${metricName(objective.metric)} ${changeText(ratio)}`;
}

function nameOf(from: Settings, settings: Settings): string {
  return settingsText(settings, changedKnobs(from, settings));
}

function isTried({ trials }: SessionHistory, settings: Settings): boolean {
  return trials.some((one) => one.purpose === 'candidate' && isJudged(one) && sameSettings(one.candidate, settings));
}

/**
 * A probe that is not allowed: what it would teach, and the mode that allows it; null where none is wanted. What the
 * models say after it they say without it: that they expect nothing is then no reason to leave things as they are.
 */
export function probeWanted(session: SessionHistory): StatedVerdict | null {
  const last = session.notTried.findLast((one) => one.code === 'needs-probe');
  const isNewest = session.notTried.at(-1) === last || changesJudged(session).length === 0;
  if (!last?.settings || !isNewest || session.entry.options.mode !== 'advise') return null;
  return lineOf('not-judged', {
    action: plain('Not judged'),
    claim: claiming('refusal', quote(last.reason), {}, [last.entryNumber]),
    rest: plain(`to allow it: ${allowedBy(session, last).toAllow}`),
  });
}
