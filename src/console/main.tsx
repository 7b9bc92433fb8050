import { render } from 'preact';
import { App } from './app.tsx';
import { client } from './client.ts';
import { loadWords, preferredLanguage } from './messages.ts';
import { startRouter } from './router.ts';

/** Words first: without them nothing can be said, not even that something failed; the page brings a text for that. */
async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (root === null) return;
  const [words, session] = await Promise.all([
    loadWords(preferredLanguage()),
    client.session().catch((error: unknown) => error),
  ]);
  startRouter();
  root.replaceChildren();
  render(<App words={words} session={session} />, root);
}

start().catch(() => document.getElementById('broken')?.removeAttribute('hidden'));
