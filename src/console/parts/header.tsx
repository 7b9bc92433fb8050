import { useApp } from '../context.ts';
import { destinationsOf } from '../destinations.ts';
import { usePlace } from '../router.ts';
import { Shape } from './mark.tsx';
import { Menu } from './menu.tsx';

/** Where one can go, as one's rights allow, and who one is. */
export function Header({ onHelp }: { onHelp: () => void }) {
  const { words, session } = useApp();
  const { path } = usePlace();
  const destinations = session.signedIn ? destinationsOf(session) : [];
  return (
    <header class="top">
      <a class="brand" href="/">
        <Shape of="green" />
        <Shape of="red" /> Corridor
      </a>
      {destinations.length > 0 && (
        <nav aria-label={words.text('frame.navigation')}>
          {destinations.map((to) => (
            <a key={to.path} href={to.path} aria-current={currentOf(path, to.path)}>
              {words.text(to.label)}
            </a>
          ))}
        </nav>
      )}
      <Menu onHelp={onHelp} />
    </header>
  );
}

function currentOf(path: string, to: string): 'page' | 'true' | undefined {
  if (path === to) return 'page';
  return path.startsWith(`${to}/`) ? 'true' : undefined;
}
