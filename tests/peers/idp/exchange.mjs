// RFC 8693 token exchange for an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant): the one grant that oidc-provider lacks.
import * as jose from 'jose';
import { errors } from 'oidc-provider';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
export const PARAMETERS = [
  'requested_token_type', 'audience', 'resource', 'scope', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type',
];
export const REPEATABLE = ['audience', 'resource'];

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const REFRESH_TOKEN = 'urn:ietf:params:oauth:token-type:refresh_token';
const LIFE = 240;

/** The grant; `targets` is by resource: the client there, and the scopes that may be had. */
export const exchange = ({ jwk, privateKey, targets, tell, gone }) => async (ctx) => {
  const { client, params, provider } = ctx.oidc;
  if (params.requested_token_type !== ID_JAG) throw new errors.InvalidRequest('only ID-JAGs are issued');
  for (const name of ['audience', 'resource', 'subject_token', 'subject_token_type']) {
    if (typeof params[name] !== 'string') throw new errors.InvalidRequest(`${name} is needed, once`);
  }
  const person = await subject(params, client, provider, jwk);
  if (gone.has(person)) throw new errors.InvalidGrant('the subject is gone');
  const target = targets[new URL(params.resource).pathname];
  if (!target) throw new errors.InvalidTarget();
  const asked = params.scope?.split(' ') ?? target.scopes;
  const scope = asked.filter((name) => target.scopes.includes(name)).join(' ');
  const claims = { client_id: target.client, resource: params.resource, email: `${person}@acme.example`, ...(scope && { scope }) };
  ctx.body = {
    issued_token_type: ID_JAG,
    access_token: await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: 'oauth-id-jag+jwt' })
      .setIssuer(provider.issuer)
      .setSubject(person)
      .setAudience(params.audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFE}s`)
      .setJti(crypto.randomUUID())
      .sign(privateKey),
    token_type: 'N_A',
    expires_in: LIFE,
    ...(scope && { scope }),
  };
  tell('exchanged', { audience: params.audience, resource: params.resource, subject: params.subject_token_type, scope });
};

async function subject(params, client, provider, { kty, n, e, kid, alg }) {
  if (params.subject_token_type === ID_TOKEN) {
    const keys = jose.createLocalJWKSet({ keys: [{ kty, n, e, kid, alg }] });
    const verified = jose.jwtVerify(params.subject_token, keys, { issuer: provider.issuer, audience: client.clientId });
    return (await verified.catch((error) => { throw new errors.InvalidGrant(error.message); })).payload.sub;
  }
  if (params.subject_token_type !== REFRESH_TOKEN) throw new errors.InvalidRequest('the subject_token_type is not supported');
  const token = await provider.RefreshToken.find(params.subject_token);
  if (!token?.isValid || token.clientId !== client.clientId) throw new errors.InvalidGrant('the refresh token is not good');
  return token.accountId;
}
