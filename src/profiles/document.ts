import type { PolicyBundle } from './bundle.ts';
import { formOf, type ProfileForm } from './profile-form.ts';

/** What each profile of a policy is for, by target, as a page of Markdown. */
export function documentOf({ files }: PolicyBundle): string {
  const names = Object.keys(files).filter((name) => name.startsWith('profiles/'));
  const forms = names.sort().map((name) => formOf(files[name] ?? ''));
  const targets = new Map<string, ProfileForm[]>();
  for (const form of forms) targets.set(form.target, [...(targets.get(form.target) ?? []), form]);
  const parts = [...targets].map(([target, each]) => `## ${target}\n\n${each.map(entryOf).join('\n')}`);
  return `# The profiles that are shipped

${forms.length} profiles. Written by \`corridor profiles document\`; thresholds are placeholders, to be set on one's own data.

${parts.join('\n')}`;
}

function entryOf({ id, title, corridor, mandatory, percentage, documentation }: ProfileForm): string {
  const settings = [corridor, ...(mandatory ? ['mandatory'] : []), ...(percentage < 100 ? [`${percentage} %`] : [])];
  const texts = [documentation.en, documentation.ru].flatMap((text) => (text === undefined ? [] : [text.trim()]));
  return `### ${id}: ${title}\n\n*${settings.join(', ')}*\n\n${texts.map((text) => `${text}\n`).join('\n')}`;
}
