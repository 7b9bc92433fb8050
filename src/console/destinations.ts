import type { Session } from './api.ts';

/** What the navigation offers, in this order; the first that a user may see is where one starts. */
const DESTINATIONS = [
  { path: '/overview', rule: 'overview', key: 'o', label: 'overview.title' },
  { path: '/declarations', rule: 'decision', key: 'd', label: 'declarations.title' },
  { path: '/profiles', rule: 'profiles', key: 'p', label: 'profiles.title' },
  { path: '/drafts', rule: 'profiles', key: 'r', label: 'drafts.title' },
  { path: '/policies', rule: 'profiles', key: 'v', label: 'policies.title' },
  { path: '/trials', rule: 'profiles', key: 't', label: 'trials.title' },
  { path: '/effectiveness', rule: 'profiles', key: 'e', label: 'effect.title' },
  { path: '/lists', rule: 'profiles', key: 'l', label: 'lists.title' },
] as const;

export function destinationsOf({ may = [] }: Session): readonly (typeof DESTINATIONS)[number][] {
  return DESTINATIONS.filter(({ rule }) => may.includes(rule));
}
