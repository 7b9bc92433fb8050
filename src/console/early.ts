/** Runs before the page is painted, so that a chosen theme does not flash by the other one. */
import { applyTheme, storedTheme } from './theme.ts';

applyTheme(storedTheme());
