/** Choices of this browser: theme, language, shortcuts. Nothing about declarations is ever kept here. */
const PREFIX = 'corridor.';

/** Null where nothing was chosen, or where the browser keeps nothing. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // A browser that keeps nothing: the choice holds until the page is left.
  }
}
