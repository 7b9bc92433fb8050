import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from './api.ts';
import type { Language, Words } from './messages.ts';

/** What every part of the page may need. */
export interface Context {
  readonly words: Words;
  readonly session: Session;
  chooseLanguage(language: Language): void;
  /** Asks anew who is signed in: after a refusal, or when the session ended. */
  refreshSession(): Promise<void>;
}

export const AppContext = createContext<Context | null>(null);

export function useApp(): Context {
  const context = useContext(AppContext);
  if (context === null) throw new Error('rendered outside the app');
  return context;
}

export function useWords(): Words {
  return useApp().words;
}
