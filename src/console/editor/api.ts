import type { Condition } from '../../criteria/ast.ts';
import { ClientError, get, query, send } from '../client.ts';

import type { Dictionary, DraftHead, FormProblem, ProfileForm, SavedDraft, Trial } from './types.ts';

/** What the editor of a profile asks the service. */

const json = { 'content-type': 'application/json' };
const part = encodeURIComponent;

/** Every method throws ClientError. */
export const editing = {
  draft: (id: string, signal?: AbortSignal) => get<DraftHead>(`/v1/drafts/${part(id)}`, signal),
  profile: (draft: string, id: string, signal?: AbortSignal) =>
    get<{ readonly profile: ProfileForm; readonly criteria: { readonly when: Condition | null } }>(
      `/v1/drafts/${part(draft)}/profiles/${part(id)}`,
      signal,
    ),
  dictionary: (draft: string, level: string, signal?: AbortSignal) =>
    get<Dictionary>(`/v1/dictionary${query({ level, draft })}`, signal),
  check: (draft: string, profile: ProfileForm, signal: AbortSignal) =>
    send<{ readonly problems: readonly FormProblem[] }>('/v1/profiles/check-form', {
      ...{ method: 'POST', headers: json, body: JSON.stringify({ draft, profile }), signal },
    }),
  save: (draft: string, revision: number, profile: ProfileForm) =>
    send<SavedDraft>(`/v1/drafts/${part(draft)}/profiles/${part(profile.id)}`, {
      ...{ method: 'PUT', headers: { ...json, 'if-match': `"${revision}"` }, body: JSON.stringify(profile) },
    }),
  trial,
};

/** Tries a draft with this profile on the newest declarations; `onPart` gets the counts after each part of them. */
async function trial(
  draft: string,
  profile: ProfileForm,
  signal: AbortSignal,
  onPart: (trial: Trial) => void,
): Promise<void> {
  const response = await fetch('/v1/backtests/live', {
    ...{ method: 'POST', credentials: 'same-origin', signal },
    headers: { ...json, accept: 'application/x-ndjson', 'corridor-request': '1' },
    body: JSON.stringify({ draft, profile, profiles: [profile.id] }),
  });
  if (!response.ok || response.body === null) throw new ClientError('error', `${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const lines = `${rest}${next.value}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onPart(partOf(line));
  }
}

function partOf(line: string): Trial {
  const value = JSON.parse(line) as Trial | { readonly problem: { readonly code: string; readonly detail: string } };
  if (!('problem' in value)) return value;
  throw new ClientError('error', value.problem.detail, null, value.problem);
}
