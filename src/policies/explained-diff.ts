import { outlineOf } from '../criteria/outline.ts';
import { readCriteria } from '../criteria/read.ts';
import { DIFF_WHOLE_FILES_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { parse } from '../profiles/cel/parse.ts';
import { diffBundles, type FileChange, type SettingChange } from '../profiles/diff.ts';

/** A setting that differs; of a condition also what it says, part by part, from the top down. */
export interface ExplainedSetting extends SettingChange {
  readonly outline?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

export interface ExplainedChange extends Omit<FileChange, 'settings'> {
  readonly settings: readonly ExplainedSetting[];
}

const CONDITIONS = ['when', 'unless'];

/** What differs between two policies, with changed conditions in outline. */
export function explainedDiff(before: PolicyBundle, after: PolicyBundle): ExplainedChange[] {
  const changes = diffBundles(before, after);
  const isNamed = changes.filter(({ kind }) => kind !== 'changed').length > DIFF_WHOLE_FILES_MAX;
  return changes.map((change) => ({
    ...change,
    settings: (isNamed ? change.settings : settingsOf(change, before, after)).map((setting) =>
      CONDITIONS.includes(setting.name) ? explained(setting) : setting,
    ),
  }));
}

/** Of a file that only one of them has, everything that it says: whoever reviews it has to see it. */
function settingsOf(
  { file, kind, settings }: FileChange,
  before: PolicyBundle,
  after: PolicyBundle,
): readonly SettingChange[] {
  if (kind === 'changed') return settings;
  const nothing = file.endsWith('.csv') ? '' : '{}';
  const alone = ({ files }: PolicyBundle): PolicyBundle => ({ files: { [file]: files[file] ?? nothing } });
  return diffBundles(alone(before), alone(after)).flatMap((change) => change.settings);
}

function explained(setting: SettingChange): ExplainedSetting {
  return { ...setting, outline: { before: linesOf(setting.before), after: linesOf(setting.after) } };
}

/** What is no condition has no outline. */
function linesOf(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  const result = parse(text);
  return 'parsed' in result ? outlineOf(readCriteria(result.parsed)) : [];
}
