/** What would let a prediction through that a start gate refused, as something to write. */
import type { Settings } from '../../src/contracts.ts';
import { optionText } from '../../src/executor/option-text.ts';
import type { OptionChange } from '../../tuner/entries/entries.ts';
import { changes } from '../../tuner/entries/settings.ts';
import { expertKeys } from '../../tuner/expert-options.ts';
import type { Mode } from '../../tuner/options.ts';

interface Wanted {
  readonly from: Settings;
  readonly settings: Settings;
  readonly allow: readonly OptionChange[] | null;
  readonly mode: Mode;
}

/** "tune(…, { expert: { minGain: 0.01 } })", or the proposal by hand, which no gate holds back. */
export function allowText({ from, settings, allow, mode }: Wanted): string {
  const tries = mode === 'auto' || mode === 'confirm';
  const needsMode = tries || allow?.some(({ option }) => option === 'mode') ? [] : ["mode: 'confirm'"];
  if (allow === null) {
    const moved = changes(from, settings).map(([knob, , value]) => optionText(knob, value));
    const proposal = `tuner.propose({ ${moved.join(', ')} }), which no gate holds back`;
    return needsMode.length === 0 ? proposal : `${needsMode.join()} and ${proposal}`;
  }
  const isExpert = ({ option }: OptionChange) => (expertKeys as readonly string[]).includes(option);
  const text = ({ option, value }: OptionChange) => optionText(option, value);
  const expert = allow.filter(isExpert).map(text);
  const options = [
    ...needsMode,
    ...allow.filter((one) => !isExpert(one)).map(text),
    ...(expert.length > 0 ? [`expert: { ${expert.join(', ')} }`] : []),
  ];
  return `tune(executor, { ${options.join(', ')} })`;
}
