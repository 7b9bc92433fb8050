import { useEffect, useState } from 'preact/hooks';

/** Where the user is: what the address says. Lists keep their state in its query, so that a link can be sent. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Paths that are not pages of the console, though they are of this origin. */
const ELSEWHERE = /^\/(auth|v1|docs|console|openapi\.json|metrics|healthz|readyz)(\/|$)/;
/** What takes the focus on the page where one arrives. */
export type Focus = 'heading' | 'search';

const watchers = new Set<(place: Place) => void>();
let current = placeNow();
let focus: Focus | null = null;

function placeNow(): Place {
  const path = location.pathname.replace(/(.)\/+$/, '$1');
  return { path, query: new URLSearchParams(location.search) };
}

/** Goes to an address of the console. @param replace without a step back to where one was */
export function navigate(to: string, replace = false, on: Focus = 'heading'): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  arrive(on);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(current);
  useEffect(() => {
    watchers.add(setPlace);
    // One may have been sent on before this effect ran.
    setPlace(current);
    return () => void watchers.delete(setPlace);
  }, []);
  return place;
}

/** Null: the page was loaded, and the focus is the browser's. */
export function focusOnArrival(): Focus | null {
  return focus;
}

/** Follows links and the buttons of the browser. */
export function startRouter(): void {
  addEventListener('popstate', () => arrive('heading'));
  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (link === null) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

function arrive(on: Focus): void {
  const { path } = current;
  current = placeNow();
  if (current.path !== path) {
    focus = on;
    scrollTo(0, 0);
  }
  for (const watch of watchers) watch(current);
}

/** The link of a plain click that leads to a page of the console. */
function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return null;
  }
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.origin !== location.origin || link.hash !== '') return null;
  return ELSEWHERE.test(link.pathname) ? null : link;
}
