import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { isLoopback } from '../config.ts';
import { ISSUER_TIMEOUT_S, SIGN_IN_MS } from '../limits.ts';

/** Why somebody could not be signed in; the console says it in the reader's language. */
export const SIGN_IN_FAULTS = [
  /** The issuer of tokens cannot be reached, or does not answer as it should. */
  'provider_unavailable',
  /** The person, or the issuer, said no. */
  'denied',
  /** The answer belongs to another browser, another sign-in, or to one that is over. */
  'state_mismatch',
  /** It took too long. */
  'expired',
  /** The issuer does not take the code: used before, or not meant for us. */
  'code_refused',
  /** Signed in, but with nothing to do here: no role, or a token for another service. */
  'no_access',
] as const;
export type SignInFault = (typeof SIGN_IN_FAULTS)[number];

export class SignInError extends Error {
  readonly fault: SignInFault;

  constructor(fault: SignInFault, cause?: unknown) {
    super(fault, { cause });
    this.name = 'SignInError';
    this.fault = fault;
  }
}

/** What a sign-in under way must come back with; kept by the browser that began it. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  /** PKCE, RFC 7636. */
  readonly verifier: string;
  /** Where to go afterwards. */
  readonly to: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ProviderOptions {
  readonly issuer: () => string;
  readonly clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  readonly redirectUri: () => string;
  readonly now: () => number;
}

/** The issuer of tokens, as its metadata describes it: authorization code flow with PKCE, state and nonce. */
export class Provider {
  private readonly options: ProviderOptions;
  private discovered: Promise<Configuration> | null = null;

  constructor(options: ProviderOptions) {
    this.options = options;
  }

  /** Where to send the browser, and what it must come back with. @throws SignInError */
  async begin(to: string): Promise<{ readonly url: URL; readonly pending: PendingSignIn }> {
    const { redirectUri, now } = this.options;
    const config = await this.configuration();
    const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to, at: now() };
    const url = buildAuthorizationUrl(config, {
      redirect_uri: redirectUri(),
      scope: 'openid profile',
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url, pending };
  }

  /** The access token that the answer in `query` stands for. @throws SignInError */
  async finish(query: string, pending: PendingSignIn | null): Promise<string> {
    const { redirectUri, now } = this.options;
    if (pending === null || new URLSearchParams(query).get('state') !== pending.state) {
      throw new SignInError('state_mismatch');
    }
    if (now() - pending.at > SIGN_IN_MS) throw new SignInError('expired');
    const config = await this.configuration();
    try {
      const tokens = await authorizationCodeGrant(config, new URL(`${redirectUri()}?${query}`), {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      return tokens.access_token;
    } catch (error) {
      throw new SignInError(faultOf(error), error);
    }
  }

  /** Found out at the first sign-in, and again after a failure. */
  private configuration(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = null;
      throw new SignInError('provider_unavailable', error);
    });
    return this.discovered;
  }

  private discover(): Promise<Configuration> {
    const { clientId, clientSecret } = this.options;
    const issuer = new URL(this.options.issuer());
    // Basic is what every issuer understands unless it says otherwise (OpenID Connect Discovery 1.0, section 3).
    const authentication = clientSecret === null ? None() : ClientSecretBasic(clientSecret);
    // The ID token is checked against the issuer's keys, not taken on trust from the connection.
    const execute = [enableNonRepudiationChecks];
    // What does not leave this machine may go in the clear: the development issuer is such a one.
    if (isLoopback(issuer.hostname)) execute.push(allowInsecureRequests);
    return discovery(issuer, clientId, undefined, authentication, { timeout: ISSUER_TIMEOUT_S, execute });
  }
}

function faultOf(error: unknown): SignInFault {
  if (error instanceof AuthorizationResponseError) return error.error === 'access_denied' ? 'denied' : 'code_refused';
  if (error instanceof ResponseBodyError) return error.status < 500 ? 'code_refused' : 'provider_unavailable';
  // An answer of another issuer, or a token of another nonce, audience or key.
  const isForeign = error instanceof ClientError && /^OAUTH_(INVALID_RESPONSE|JWT_|KEY_)/.test(error.code ?? '');
  return isForeign ? 'code_refused' : 'provider_unavailable';
}
