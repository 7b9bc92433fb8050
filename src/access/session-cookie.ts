import { type CookieSerializeOptions, fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

/** Where the console is, as browsers know it: over https cookies bind to this host and never leave in the clear. */
function isSecure(baseUrl: string): boolean {
  return baseUrl.startsWith('https:');
}

/** Name of the cookie with the access token (RFC 6265bis, 4.1.3.2, for the prefix). */
export function sessionCookie(baseUrl: string): string {
  return isSecure(baseUrl) ? '__Host-corridor' : 'corridor';
}

/** Name of the cookie with what a sign-in under way must come back with. */
export function signInCookie(baseUrl: string): string {
  return `${sessionCookie(baseUrl)}-sign-in`;
}

/** Out of the reach of scripts, and sent from pages of this site only: `lax` is for what another site leads back to. */
export function cookieOptions(baseUrl: string, sameSite: 'strict' | 'lax'): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite, secure: isSecure(baseUrl) };
}

/** The access token of a signed-in browser, unchecked; null where there is none. */
export function tokenOfCookie({ headers }: Pick<FastifyRequest, 'headers'>, baseUrl: string): string | null {
  if (headers.cookie === undefined) return null;
  return fastifyCookie.parse(headers.cookie)[sessionCookie(baseUrl)] || null;
}
