import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Session } from './api.ts';
import { client } from './client.ts';
import { AppContext, type Context } from './context.ts';
import { destinationsOf } from './destinations.ts';
import { loadWords, rememberLanguage, type Words } from './messages.ts';
import { pageAt } from './pages/routes.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { Header } from './parts/header.tsx';
import { Help } from './parts/help.tsx';
import { Page } from './parts/page.tsx';
import { Failure, Notice } from './parts/states.tsx';
import { asClientError } from './resource.ts';
import { navigate, type Place, usePlace } from './router.ts';
import { useShortcuts } from './shortcuts.ts';

const NOBODY: Session = { signedIn: false, development: false };

interface AppProps {
  readonly words: Words;
  /** The session, or why it is not known. */
  readonly session: unknown;
}

/** The frame: header, banner, navigation, and the page that the address names. */
export function App(initial: AppProps) {
  const [words, setWords] = useState(initial.words);
  const [known, setKnown] = useState<unknown>(initial.session);
  const [helpOpen, setHelpOpen] = useState(false);
  const session = isSession(known) ? known : NOBODY;

  // With the words, not after them: a reader must not speak the new ones by the rules of the old language.
  useLayoutEffect(() => {
    document.documentElement.lang = words.language;
  }, [words]);

  const refreshSession = useCallback(
    () =>
      client
        .session()
        .then(setKnown, (error: unknown) => setKnown((before: unknown) => (isSession(before) ? before : error))),
    [],
  );
  const context = useMemo<Context>(
    () => ({
      words,
      session,
      refreshSession,
      chooseLanguage: (language) => {
        rememberLanguage(language);
        // Where the words cannot be loaded, those that are there stay.
        loadWords(language).then(setWords, () => undefined);
      },
    }),
    [words, session, refreshSession],
  );
  useShortcuts(session, () => setHelpOpen(true));

  return (
    <AppContext.Provider value={context}>
      <a class="skip" href="#content">
        {words.text('frame.skip')}
      </a>
      {session.development && (
        <p class="banner" role="note">
          {words.text('frame.development')}
        </p>
      )}
      <Header onHelp={() => setHelpOpen(true)} />
      <main id="content" tabIndex={-1}>
        {isSession(known) ? <Content session={session} /> : <Unknown error={known} retry={refreshSession} />}
      </main>
      <Help open={helpOpen} onClose={() => setHelpOpen(false)} />
    </AppContext.Provider>
  );
}

function isSession(known: unknown): known is Session {
  return typeof known === 'object' && known !== null && 'signedIn' in known;
}

/** Nobody could say who is signed in. */
function Unknown({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Page title="frame.unavailable">
      <Failure error={asClientError(error)} retry={retry} />
    </Page>
  );
}

function Content({ session }: { session: Session }) {
  const place = usePlace();
  if (!session.signedIn) return <SignInPage to={wanted(place)} fault={place.query.get('error')} />;
  if (place.path === '/' || place.path === '/sign-in') return <Start session={session} place={place} />;
  const page = pageAt(place, session);
  if (page === 'not_found' || page === 'forbidden') {
    return (
      <Page title={`${page}.title`}>
        <Notice kind={page} />
      </Page>
    );
  }
  return <>{page}</>;
}

/** Where one wanted to go before one had to sign in. */
function wanted({ path, query }: Place): string {
  if (path === '/sign-in') return query.get('to') ?? '/';
  return path + (query.size === 0 ? '' : `?${query}`);
}

/** Goes where this user's work is; there is no page yet for some roles, which says so. */
function Start({ session, place }: { session: Session; place: Place }) {
  const [first] = destinationsOf(session);
  const to = place.query.get('to') ?? '';
  // Only a path of our own: an address that begins with two slashes is another host's.
  const target = /^\/(?![/\\])/.test(to) && !to.startsWith('/sign-in') && to !== '/' ? to : first?.path;
  useEffect(() => {
    if (target !== undefined) navigate(target, true);
  }, [target]);
  if (target !== undefined) return null;
  return (
    <Page title="nothing.title">
      <Notice kind="nothing" />
    </Page>
  );
}
