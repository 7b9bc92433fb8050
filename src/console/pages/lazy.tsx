import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ClientError } from '../client.ts';
import { Page } from '../parts/page.tsx';
import { Failure, Loading } from '../parts/states.tsx';

/** A page that is loaded when somebody first goes there; where that fails it says so and tries again. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Shown, setShown] = useState<ComponentType<P> | null>(() => loaded);
    const [error, setError] = useState<ClientError | null>(null);
    const [attempt, setAttempt] = useState(0);
    useEffect(() => {
      if (Shown !== null) return;
      load().then(
        (page) => {
          loaded = page;
          setShown(() => page);
        },
        (cause: unknown) => setError(new ClientError('offline', String(cause))),
      );
    }, [attempt]);
    if (Shown !== null) return <Shown {...props} />;
    if (error === null) return <Loading />;
    const retry = () => {
      setError(null);
      setAttempt(attempt + 1);
    };
    return (
      <Page title="frame.unavailable">
        <Failure error={error} retry={retry} />
      </Page>
    );
  };
}

/** Takes styles over that came with a page's script: no policy of the service's own pages allows them in the page. */
export function adopt(styles: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
