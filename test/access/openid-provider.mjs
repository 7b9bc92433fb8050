import Provider from 'oidc-provider';

/**
 * An independent OpenID provider as a process of its own: `node openid-provider.mjs PORT REDIRECT_URI…`. One confidential
 * client, one resource server `corridor` with JWT access tokens, accounts with the role that is their name. Its own
 * development pages ask for the account and the consent.
 */
const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const RESOURCE = 'urn:corridor:api';

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'console',
      client_secret: 'not-a-secret: it signs in to a test',
      redirect_uris: redirectUris,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Person ${id}` }) }),
  extraTokenClaims: (_context, { accountId }) => ({
    name: `Person ${accountId}`,
    ...(accountId === 'nobody' ? {} : { roles: [accountId], offices: ['*'] }),
  }),
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: '',
        audience: 'corridor',
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
