import fastify from 'fastify';
import { expect, it } from 'vitest';
import { registerAccess } from '../../src/access/hook.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { RuleName } from '../../src/access/rules.ts';

const auditor = {
  subject: 'a',
  kind: 'person',
  roles: ['auditor'],
  scopes: null,
  offices: 'all',
  party: null,
  submitters: [],
} as unknown as Principal;

function server() {
  const instance = fastify();
  registerAccess(instance, { identify: (token) => (token === 'late' ? Promise.resolve(auditor) : auditor) });
  return instance;
}

it('a route without a rule does not start, nor one of a plugin, nor one whose rule nobody knows', async () => {
  const bare = server();
  bare.get('/bare', () => 'x');
  await expect(bare.ready()).rejects.toThrow('no access rule for GET /bare');
  const plugin = server();
  void plugin.register(async (scope) => void scope.post('/inside', () => 'x'));
  await expect(plugin.ready()).rejects.toThrow('no access rule for POST /inside');
  const unknown = server();
  unknown.get('/x', { config: { access: 'everything' as RuleName } }, () => 'x');
  await expect(unknown.ready()).rejects.toThrow('no access rule for GET /x');
});

it('a request passes the rule before its body is read, whether or not its token was known', async () => {
  const instance = server();
  instance.post('/keys', { config: { access: 'keys' } }, () => 'reached');
  instance.post('/audit', { config: { access: 'audit' } }, (request) => request.access?.rights[0]?.reach ?? 'none');
  const body = { payload: '{"broken', headers: { 'content-type': 'application/json' } };
  for (const token of ['known', 'late']) {
    const headers = { ...body.headers, authorization: `Bearer ${token}` };
    expect(await instance.inject({ method: 'POST', url: '/keys', ...body, headers })).toMatchObject({
      statusCode: 500,
      body: expect.stringContaining('Your role'),
    });
    const answer = await instance.inject({
      method: 'POST',
      url: '/audit',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.body).toBe('all');
  }
  await instance.close();
});

it('a session cookie is taken, but changes nothing without the header that another site cannot send', async () => {
  const instance = server();
  const config = { access: 'audit' } as const;
  instance.get('/audit', { config }, () => 'read');
  instance.post('/audit', { config }, () => 'changed');
  const cookie = 'other=1; corridor=token';
  expect((await instance.inject({ url: '/audit', headers: { cookie } })).body).toBe('read');
  expect((await instance.inject({ method: 'POST', url: '/audit', headers: { cookie } })).json()).toMatchObject({
    message: 'Send the header corridor-request: 1',
  });
  const headers = { cookie, 'corridor-request': '1' };
  expect((await instance.inject({ method: 'POST', url: '/audit', headers })).body).toBe('changed');
  await instance.close();
});

it('nobody is admitted without a credential, and what is not there is not there for anybody', async () => {
  const instance = server();
  instance.get('/audit', { config: { access: 'audit' } }, () => 'read');
  instance.get('/open', { config: { access: 'open' } }, () => 'open');
  expect((await instance.inject('/audit')).json()).toMatchObject({ message: expect.stringContaining('Sign in') });
  expect((await instance.inject('/open')).body).toBe('open');
  expect((await instance.inject('/nothing')).statusCode).toBe(404);
  await instance.close();
});
