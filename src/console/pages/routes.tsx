import type { ComponentChild } from 'preact';
import type { Session } from '../api.ts';
import type { Place } from '../router.ts';
import { DeclarationPage } from './declaration.tsx';
import { DeclarationsPage } from './declarations.tsx';
import { OverviewPage } from './overview.tsx';

interface Route {
  /** With the parts that vary in parentheses. */
  readonly path: RegExp;
  /** Name of the rule that the page's data stand under: without it the page is forbidden. */
  readonly rule: string;
  page(place: Place, parts: readonly string[]): ComponentChild;
}

const ROUTES: readonly Route[] = [
  { path: /^\/overview$/, rule: 'overview', page: () => <OverviewPage /> },
  { path: /^\/declarations$/, rule: 'decision', page: (place) => <DeclarationsPage place={place} /> },
  {
    path: /^\/declarations\/([^/]+)$/,
    rule: 'decision',
    page: (place, [id = '']) => <DeclarationPage key={place.path} id={id} query={place.query} />,
  },
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
