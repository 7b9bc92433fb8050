import type { FastifyRequest } from 'fastify';

/** The cookie of a signed-in browser holds its access token. Under TLS no other host or plain connection can set it. */
const SESSION_COOKIE = 'corridor';
const SECURE_SESSION_COOKIE = '__Host-corridor';

/** What a browser's own script sends with the cookie to change something. */
export const SESSION_HEADER = 'corridor-request';

export function sessionCookie(secure: boolean): string {
  return secure ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
}

/**
 * The token in the session cookie; null where there is none. Where TLS ends before us the secure one comes over plain
 * HTTP, and counts before the other.
 */
export function sessionOf({ headers: { cookie }, protocol }: FastifyRequest): string | null {
  if (cookie === undefined) return null;
  return (
    cookieValue(cookie, sessionCookie(true)) ??
    (protocol === 'https' ? null : cookieValue(cookie, sessionCookie(false)))
  );
}

function cookieValue(cookie: string, cookieName: string): string | null {
  const name = `${cookieName}=`;
  const found = cookie.split(';').find((pair) => pair.trimStart().startsWith(name));
  return found?.trim().slice(name.length) || null;
}
