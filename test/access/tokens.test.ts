import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator } from '../../src/access/authenticator.ts';
import { remoteIssuer } from '../../src/access/tokens.ts';
import { TOKEN_BYTES_MAX } from '../../src/limits.ts';
import { AUDIENCE, createTestIssuer, ISSUER } from '../helpers/access.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode } from '../ingress/fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

const now = () => Math.floor(Date.now() / 1000);
const good = { sub: 'somebody', roles: ['ingest'], submitters: ['*'] };

async function answerTo(token: string) {
  const { status, body, headers } = await node.get('/v1/declarations/none', { authorization: `Bearer ${token}` });
  return {
    status,
    code: body.code as string,
    detail: body.detail as string,
    challenge: headers.get('www-authenticate'),
  };
}

async function expectRefused(token: string, detail: RegExp): Promise<void> {
  node.refusals.length = 0;
  expect(await answerTo(token)).toMatchObject({
    status: 401,
    code: 'unauthenticated',
    detail: expect.stringMatching(detail),
    challenge: 'Bearer',
  });
  expect(node.refusals).toEqual(['unauthenticated']);
}

describe('a token is refused', () => {
  it('that has expired, or is not valid yet', async () => {
    await expectRefused(await node.issuer.sign({ ...good, iat: now() - 7200, exp: now() - 60 }), /has expired/);
    await expectRefused(await node.issuer.sign({ ...good, nbf: now() + 600 }), /is not valid/);
  });

  it('of a foreign issuer: another name, or another key under the same name and key id', async () => {
    await expectRefused(await node.issuer.sign({ ...good, iss: 'https://issuer.example' }), /is not valid/);
    await expectRefused(await (await createTestIssuer()).sign(good), /is not valid/);
    await expectRefused(await node.issuer.sign(good, { kid: 'unknown' }), /is not valid/);
  });

  it('that is unsigned, says alg: none, or had its signature cut off or its claims changed', async () => {
    const claims = { ...good, iss: ISSUER, aud: AUDIENCE, jti: 'x', iat: now(), exp: now() + 600 };
    await expectRefused(new UnsecuredJWT(claims).encode(), /is not valid/);
    const [header = '', payload = '', signature = ''] = (await node.issuer.sign(good)).split('.');
    await expectRefused(`${header}.${payload}.`, /is not valid/);
    await expectRefused(`${header}.${payload}`, /is not valid/);
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await expectRefused(`${none}.${payload}.${signature}`, /is not valid/);
    const changed = Buffer.from(JSON.stringify({ ...claims, roles: ['administrator'] })).toString('base64url');
    await expectRefused(`${header}.${changed}.${signature}`, /is not valid/);
  });

  it('signed with the public key as if it were a shared secret', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    const claims = { ...good, iss: ISSUER, aud: AUDIENCE, jti: 'x', iat: now(), exp: now() + 600 };
    await expectRefused(
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'test' }).sign(secret),
      /is not valid/,
    );
  });

  it('for another audience', async () => {
    await expectRefused(await node.issuer.sign({ ...good, aud: 'another' }), /is not valid/);
    await expectRefused(await node.issuer.sign({ ...good, aud: [] }), /is not valid/);
  });

  it('without a name, an id, or an end, or with one too far away', async () => {
    for (const claim of ['sub', 'jti', 'exp', 'iat']) {
      await expectRefused(await node.issuer.sign({ ...good, [claim]: undefined }), /is not/);
    }
    await expectRefused(await node.issuer.sign({ ...good, exp: now() + 30 * 86_400 }), /lives too long/);
  });

  it('that makes one both a trader and an official, or a trader of nobody', async () => {
    await expectRefused(
      await node.issuer.sign({ ...good, roles: ['declarant', 'inspector'], party: '1' }),
      /contradict/,
    );
    await expectRefused(await node.issuer.sign({ ...good, roles: ['declarant'] }), /party/);
    await expectRefused(await node.issuer.sign({ ...good, roles: 'ingest' }), /roles/);
  });

  it('that is an ID token', async () => {
    for (const claim of ['nonce', 'at_hash', 'c_hash']) {
      await expectRefused(await node.issuer.sign({ ...good, [claim]: 'x' }), /ID token/);
    }
  });

  it('of a machine that submits, sees outcomes only, and would read the counters of corridors', async () => {
    await expectRefused(await node.issuer.sign({ ...good, scopes: ['submit', 'metrics'] }), /scopes contradict/);
    for (const scopes of [['metrics'], ['submit', 'decisions', 'metrics']]) {
      const token = await node.issuer.sign({ ...good, scopes });
      expect(await node.get('/metrics', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
    }
  });

  it('that is none, or too large to be one', async () => {
    await expectRefused('x', /is not valid/);
    await expectRefused('a.b.c', /is not valid/);
    await expectRefused('x'.repeat(TOKEN_BYTES_MAX + 1), /is not valid/);
    expect(await node.get('/v1/declarations/none', { authorization: 'Basic eDp5' })).toMatchObject({ status: 401 });
  });

  it('after it, or its subject, was revoked; one issued later is good', async () => {
    const token = await node.issuer.sign({ ...good, jti: 'stolen', iat: now() - 5 });
    const other = await node.issuer.sign({ ...good, iat: now() - 5 });
    expect(await answerTo(token)).toMatchObject({ status: 404 });
    await node.directory.revoke('token', 'stolen', 'lost', 'test');
    await expectRefused(token, /revoked/);
    expect(await answerTo(other)).toMatchObject({ status: 404 });
    await node.directory.revoke('subject', 'somebody', 'left', 'test');
    await expectRefused(other, /revoked/);
    const later = await node.issuer.sign({ ...good, iat: now() + 2 });
    expect(await answerTo(later)).toMatchObject({ status: 404 });
  });
});

describe('a token is taken', () => {
  it('with roles of other applications passed over; without any of ours it may do nothing', async () => {
    const both = await node.issuer.sign({ ...good, sub: 'b', roles: ['ingest', 'photocopier'] });
    expect(await answerTo(both)).toMatchObject({ status: 404 });
    const none = await node.issuer.sign({ ...good, sub: 'n', roles: ['photocopier'] });
    expect(await answerTo(none)).toMatchObject({ status: 403, code: 'forbidden' });
  });
});

describe('an API key', () => {
  const wish = { name: 'test', role: 'ingest', scopes: ['submit'], submitters: ['broker-1'], days: 1 };

  it('submits for whom it may, and for nobody else', async () => {
    const { text } = await node.directory.createKey(wish, 'test');
    const authorization = `Bearer ${text}`;
    expect(await node.post(saying('K-1'), { authorization })).toMatchObject({ status: 200 });
    const other = { authorization, 'corridor-submitter': 'broker-2' };
    expect(await node.post(saying('K-1'), other)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await node.get('/metrics', { authorization })).toMatchObject({ status: 403 });
  });

  it('is refused with another secret, after its end, and after it was revoked', async () => {
    const { text, entry } = await node.directory.createKey(wish, 'test');
    await expectRefused(`${text.slice(0, -3)}xyz`, /is not valid/);
    await expectRefused('ck_0123456789abcdef_x', /is not valid/);
    await expectRefused(`ck_0000000000000000_${'A'.repeat(43)}`, /is not valid/);
    const late = new Authenticator(
      node.directory,
      () => node.issuer,
      () => entry.expiresAt,
    );
    expect(() => late.identify(text)).toThrow('The key has expired');
    expect(await answerTo(text)).toMatchObject({ status: 404 });
    await node.directory.revokeKey(entry.id, 'test');
    await expectRefused(text, /revoked/);
  });

  it('is refused after its subject or its id was revoked', async () => {
    for (const of of ['subject', 'token'] as const) {
      const { text, entry } = await node.directory.createKey(wish, 'test');
      await node.directory.revoke(of, of === 'subject' ? `key:${entry.id}` : entry.id, 'lost', 'test');
      await expectRefused(text, /revoked/);
    }
  });

  it('submits only with the scope for it, and is shown whole decisions only with that for them', async () => {
    const of = (...scopes: string[]) => node.directory.createKey({ ...wish, scopes }, 'test');
    const [submit, decisions, both] = [await of('submit'), await of('decisions'), await of('submit', 'decisions')];
    const post = ({ text }: { text: string }, id: string) =>
      node.post(saying(id), { authorization: `Bearer ${text}`, 'corridor-submitter': 'broker-1' });
    expect(await post(decisions, 'K-0')).toMatchObject({ status: 403 });
    expect((await post(submit, 'K-3')).body).not.toHaveProperty('reasons');
    expect((await post(both, 'K-4')).body).toHaveProperty('reasons');
    const path = '/v1/declarations/K-3/decision';
    const read = await node.get(path, { authorization: `Bearer ${decisions.text}`, 'corridor-submitter': 'broker-1' });
    expect(read.body).toHaveProperty('reasons');
  });

  it('is kept as a hash only', async () => {
    const { text, entry } = await node.directory.createKey(wish, 'test');
    expect(JSON.stringify(entry)).not.toContain(text.slice(20));
    expect(Buffer.from(entry.hash)).toHaveLength(32);
  });
});

describe('the keys of an issuer', () => {
  const LIFE_MS = 200;
  let server: Server | null = null;
  afterEach(() => void server?.close());

  async function provider(keys: () => readonly JWK[], keysAt?: string): Promise<string> {
    const serving = createServer((request, response) => {
      const issuer = `http://127.0.0.1:${(serving.address() as AddressInfo).port}`;
      const isKeys = request.url === '/keys';
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(isKeys ? { keys: keys() } : { issuer, jwks_uri: keysAt ?? `${issuer}/keys` }));
    });
    server = serving;
    await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(serving.address() as AddressInfo).port}`;
  }

  async function key(kid: string) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA');
    const sign = (iss: string) =>
      new SignJWT({ ...good, sub: `${kid}@provider`, iss, aud: AUDIENCE, jti: kid, iat: now(), exp: now() + 600 })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .sign(privateKey);
    return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' }, sign };
  }

  it('rotate: a new one is taken as soon as it is there, a withdrawn one no longer than it is remembered', async () => {
    const [first, second] = [await key('one'), await key('two')];
    let published: readonly JWK[] = [first.jwk];
    const url = await provider(() => published);
    const issuer = remoteIssuer(url, AUDIENCE, { lifeMs: LIFE_MS, cooldownMs: 0 });
    const clock = { ms: Date.now() };
    const authenticator = new Authenticator(
      node.directory,
      () => issuer,
      () => clock.ms,
    );
    const token = await first.sign(url);
    expect(await authenticator.identify(token)).toMatchObject({ credential: 'one' });
    published = [first.jwk, second.jwk];
    expect(await authenticator.identify(await second.sign(url))).toMatchObject({ credential: 'two' });
    published = [second.jwk];
    clock.ms += 61_000;
    await delay(LIFE_MS);
    await expect(authenticator.identify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are not taken from another machine in the clear', async () => {
    const { sign } = await key('one');
    const url = await provider(() => [], 'http://keys.example.org/');
    const authenticator = new Authenticator(node.directory, () => remoteIssuer(url, AUDIENCE));
    const refused = { code: 'not_ready', cause: { message: 'its keys would come in the clear' } };
    await expect(authenticator.identify(await sign(url))).rejects.toMatchObject(refused);
  });

  it('cannot be had: the service says that it cannot tell, not that the token is wrong', async () => {
    const { sign } = await key('one');
    const url = await provider(() => []);
    server?.close();
    const authenticator = new Authenticator(node.directory, () => remoteIssuer(url, AUDIENCE));
    await expect(authenticator.identify(await sign(url))).rejects.toMatchObject({ code: 'not_ready' });
  });
});
