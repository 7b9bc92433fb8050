import type { ComponentChild } from 'preact';
import type { Session } from '../api.ts';
import type { Place } from '../router.ts';
import { DeclarationPage } from './declaration.tsx';
import { DeclarationsPage } from './declarations.tsx';
import { lazy } from './lazy.tsx';
import { OverviewPage } from './overview.tsx';

interface Route {
  /** With the parts that vary in parentheses. */
  readonly path: RegExp;
  /** Name of the rule that the page's data stand under: without it the page is forbidden. */
  readonly rule: string;
  page(place: Place, parts: readonly string[]): ComponentChild;
}

const Profiles = lazy(() => import('./profiles.tsx').then((page) => page.ProfilesPage));
const Effectiveness = lazy(() => import('./effectiveness.tsx').then((page) => page.EffectivenessPage));
const Profile = lazy(() => import('./profile.tsx').then((page) => page.ProfilePage));
const Drafts = lazy(() => import('./drafts.tsx').then((page) => page.DraftsPage));
const Draft = lazy(() => import('./draft.tsx').then((page) => page.DraftPage));
const Policies = lazy(() => import('./policies.tsx').then((page) => page.PoliciesPage));
const Policy = lazy(() => import('./policy.tsx').then((page) => page.PolicyPage));
const Lists = lazy(() => import('./lists.tsx').then((page) => page.ListsPage));
const List = lazy(() => import('./list.tsx').then((page) => page.ListPage));
const Trials = lazy(() => import('./trials.tsx').then((page) => page.TrialsPage));
const Trial = lazy(() => import('./trial.tsx').then((page) => page.TrialPage));
const Compare = lazy(() => import('./compare.tsx').then((page) => page.ComparePage));
const Migration = lazy(() => import('./migration.tsx').then((page) => page.MigrationPage));

const Editor = lazy(() => import('../editor/editor-page.tsx').then((page) => page.EditorPage));

const ROUTES: readonly Route[] = [
  { path: /^\/overview$/, rule: 'overview', page: () => <OverviewPage /> },
  { path: /^\/declarations$/, rule: 'decision', page: (place) => <DeclarationsPage place={place} /> },
  {
    path: /^\/declarations\/([^/]+)$/,
    rule: 'decision',
    page: (place, [id = '']) => <DeclarationPage key={place.path} id={id} query={place.query} />,
  },
  { path: /^\/profiles$/, rule: 'profiles', page: ({ query }) => <Profiles query={query} /> },
  { path: /^\/profiles\/([^/]+)$/, rule: 'profiles', page: ({ path }, [id = '']) => <Profile key={path} id={id} /> },
  { path: /^\/effectiveness$/, rule: 'profiles', page: ({ query }) => <Effectiveness query={query} /> },
  { path: /^\/drafts$/, rule: 'profiles', page: ({ query }) => <Drafts query={query} /> },
  { path: /^\/drafts\/([^/]+)$/, rule: 'profiles', page: ({ path }, [id = '']) => <Draft key={path} id={id} /> },
  {
    path: /^\/drafts\/([^/]+)\/profiles\/([^/]+)$/,
    rule: 'profiles',
    page: ({ path }, [draft = '', profile = '']) => <Editor key={path} draft={draft} profile={profile} />,
  },
  { path: /^\/policies$/, rule: 'profiles', page: () => <Policies /> },
  {
    path: /^\/policies\/([^/]+)$/,
    rule: 'profiles',
    page: ({ path, query }, [version = '']) => <Policy key={path} version={version} query={query} />,
  },
  { path: /^\/lists$/, rule: 'profiles', page: ({ query }) => <Lists query={query} /> },
  {
    path: /^\/lists\/([^/]+)$/,
    rule: 'profiles',
    page: ({ path, query }, [name = '']) => <List key={path} name={name} query={query} />,
  },
  { path: /^\/trials$/, rule: 'profiles', page: ({ query }) => <Trials query={query} /> },
  { path: /^\/trials\/compare$/, rule: 'profiles', page: ({ path, query }) => <Compare key={path} query={query} /> },
  { path: /^\/trials\/([^/]+)$/, rule: 'profiles', page: ({ path }, [id = '']) => <Trial key={path} id={id} /> },
  { path: /^\/migration$/, rule: 'author', page: () => <Migration /> },
];

/** The page at a place, as far as this user may see it. */
export function pageAt(place: Place, { may = [] }: Session): ComponentChild | 'not_found' | 'forbidden' {
  for (const { path, rule, page } of ROUTES) {
    const match = path.exec(place.path);
    if (match === null) continue;
    const parts = decoded(match.slice(1));
    if (parts === null) return 'not_found';
    return may.includes(rule) ? page(place, parts) : 'forbidden';
  }
  return 'not_found';
}

function decoded(parts: readonly string[]): readonly string[] | null {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null;
  }
}
