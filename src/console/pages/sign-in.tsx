import { query } from '../client.ts';
import { useApp } from '../context.ts';
import { Page } from '../parts/page.tsx';

/** Before one is known: nothing to see but the way in. */
export function SignInPage({ to, fault }: { to: string; fault: string | null }) {
  const { words, session } = useApp();
  return (
    <div class="narrow">
      <Page title="signIn.title">
        {fault !== null && (
          <p class="fault" role="alert">
            {words.ofCode('fault', fault)}
          </p>
        )}
        <p>{words.text('signIn.text')}</p>
        <p>
          <a class="button" href={`/auth/sign-in${query({ to })}`}>
            {words.text('signIn.button')}
          </a>
        </p>
        <p class="quiet">{words.text(session.development ? 'signIn.development' : 'signIn.help')}</p>
      </Page>
    </div>
  );
}
