import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../client.ts';
import { useApp } from '../context.ts';
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../messages.ts';
import { navigate } from '../router.ts';
import { chooseTheme, storedTheme, THEMES, type Theme } from '../theme.ts';

/** Who one is, and how one likes it: language, theme, shortcuts, the way out. */
export function Menu({ onHelp }: { onHelp: () => void }) {
  const { words, session } = useApp();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    function onKey({ key }: KeyboardEvent): void {
      if (key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    }
    function onLeave({ target }: Event): void {
      if (target instanceof Node && !root.current?.contains(target)) setOpen(false);
    }
    addEventListener('keydown', onKey);
    addEventListener('pointerdown', onLeave);
    addEventListener('focusin', onLeave);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('pointerdown', onLeave);
      removeEventListener('focusin', onLeave);
    };
  }, [open]);

  const label = session.signedIn ? (session.name ?? session.subject ?? '') : words.text('menu.title');
  return (
    <div class="menu" ref={root}>
      <button
        ref={button}
        type="button"
        class="small"
        aria-expanded={open}
        aria-controls="menu"
        onClick={() => setOpen(!open)}
      >
        <span class="name">{label}</span> <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <div id="menu" class="panel">
          <Who />
          <Choices />
          <button
            type="button"
            class="small"
            onClick={() => {
              setOpen(false);
              onHelp();
            }}
          >
            {words.text('help.title')}
          </button>
          {session.signedIn && <SignOut />}
        </div>
      )}
    </div>
  );
}

function Who() {
  const { words, session } = useApp();
  if (!session.signedIn) return null;
  const { roles = [], offices, party, expiresAt } = session;
  const named = roles.map((role) => words.ofCode('role', role)).join(', ');
  const places =
    offices === 'all' || offices?.includes('*') ? words.text('menu.allOffices') : (offices ?? []).join(', ');
  return (
    <dl class="facts">
      <dt>{words.text('menu.role')}</dt>
      <dd>{named}</dd>
      {places !== '' && <dt>{words.text('menu.offices')}</dt>}
      {places !== '' && <dd>{places}</dd>}
      {party && <dt>{words.text('menu.party')}</dt>}
      {party && <dd>{party}</dd>}
      {expiresAt !== undefined && <dt>{words.text('menu.until')}</dt>}
      {expiresAt !== undefined && <dd>{words.time(expiresAt)}</dd>}
    </dl>
  );
}

function Choices() {
  const { words, chooseLanguage } = useApp();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <>
      <label for="language">{words.text('menu.language')}</label>
      <select
        id="language"
        value={words.language}
        onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}
      >
        {LANGUAGES.map((language) => (
          <option key={language} value={language} lang={language}>
            {LANGUAGE_NAMES[language]}
          </option>
        ))}
      </select>
      <label for="theme">{words.text('menu.theme')}</label>
      <select
        id="theme"
        value={theme}
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.value as Theme;
          setTheme(chosen);
          chooseTheme(chosen);
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {words.text(`theme.${name}`)}
          </option>
        ))}
      </select>
    </>
  );
}

function SignOut() {
  const { words, refreshSession } = useApp();
  const [failed, setFailed] = useState(false);
  async function signOut(): Promise<void> {
    try {
      await client.signOut();
      navigate('/sign-in');
      await refreshSession();
    } catch {
      setFailed(true);
    }
  }
  return (
    <>
      <button type="button" class="small" onClick={() => void signOut()}>
        {words.text('menu.signOut')}
      </button>
      {failed && <p role="alert">{words.text('menu.signOutFailed')}</p>}
    </>
  );
}
