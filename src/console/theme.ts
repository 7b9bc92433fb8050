import { recall, remember } from './memory.ts';

/** `auto` follows the system. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const watchers = new Set<() => void>();

dark.addEventListener('change', () => applyTheme(storedTheme()));

export function storedTheme(): Theme {
  return THEMES.find((theme) => theme === recall(KEY)) ?? 'auto';
}

export function chooseTheme(theme: Theme): void {
  remember(KEY, theme);
  applyTheme(theme);
}

/** The page carries the theme that holds, never `auto`: one set of rules for each. */
export function applyTheme(theme: Theme): void {
  const shown = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = shown;
  for (const watch of watchers) watch();
}

/** Calls back when other colours hold: what is drawn on a canvas is drawn again. */
export function watchTheme(watch: () => void): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}
