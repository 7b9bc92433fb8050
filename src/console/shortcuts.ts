import { useEffect } from 'preact/hooks';
import type { Session } from './api.ts';
import { destinationsOf } from './destinations.ts';
import { recall, remember } from './memory.ts';
import { navigate } from './router.ts';

const KEY = 'shortcuts';
const SEQUENCE_MS = 1_500;

/** Single keys can be switched off: who speaks to the computer, or whose hands tremble, presses them unawares (WCAG 2.1.4). */
export function shortcutsAreOn(): boolean {
  return recall(KEY) !== 'off';
}

export function switchShortcuts(on: boolean): void {
  remember(KEY, on ? 'on' : 'off');
}

/** `?` help, `/` search, `g` and a letter a page, `j` and `k` down and up a list. */
export function useShortcuts(session: Session, help: () => void): void {
  useEffect(() => {
    let goUntil = 0;
    function onKey(event: KeyboardEvent): void {
      if (!isShortcut(event)) return;
      const going = performance.now() < goUntil;
      goUntil = 0;
      const destination = going ? destinationsOf(session).find(({ key }) => key === event.key) : undefined;
      if (destination !== undefined) navigate(destination.path);
      else if (event.key === 'g') goUntil = performance.now() + SEQUENCE_MS;
      else if (event.key === '?') help();
      else if (event.key === '/') search(session);
      else if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1);
      else return;
      event.preventDefault();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [session, help]);
}

function isShortcut({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || !shortcutsAreOn() || document.querySelector('dialog[open]') !== null)
    return false;
  return !(target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null);
}

function search(session: Session): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (field !== null) field.focus();
  else if (destinationsOf(session).some(({ path }) => path === '/declarations'))
    navigate('/declarations', false, 'search');
}

/** Moves the focus along the links of a list. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}
