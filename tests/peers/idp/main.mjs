// An identity provider on certified code: oidc-provider does everything but the token exchange, which `exchange.mjs` adds.
// stdin's first line is the configuration; what happens is told as one JSON object a line on stdout.
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import readline from 'node:readline';
import * as jose from 'jose';
import { Provider } from 'oidc-provider';
import { EXCHANGE, ID_JAG, PARAMETERS, REPEATABLE, exchange } from './exchange.mjs';

const tell = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const config = JSON.parse((await lines.next()).value);

const server = https.createServer({ key: fs.readFileSync(config.key), cert: fs.readFileSync(config.certificate) });
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `https://localhost:${server.address().port}`;

const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await jose.exportJWK(privateKey)), kid: 'signing', use: 'sig', alg: 'RS256' };
const gone = new Set();

// A client's `key` is the PEM of its public key; registered, as administrators do it, under its thumbprint (RFC 7638).
const registered = async (pem) => {
  const key = createPublicKey(pem).export({ format: 'jwk' });
  return { keys: [{ ...key, kid: await jose.calculateJwkThumbprint(key), use: 'sig' }] };
};
const client = async ({ key, ...given }) => ({
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token', EXCHANGE],
  redirect_uris: ['http://127.0.0.1/callback'],
  response_types: ['code'],
  ...(key && { jwks: await registered(key) }),
  ...given,
});

const provider = new Provider(issuer, {
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  clients: await Promise.all(config.clients.map(client)),
  conformIdTokenClaims: false,
  cookies: { keys: [crypto.randomUUID()] },
  discovery: { identity_chaining_requested_token_types_supported: [ID_JAG] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  findAccount: (_, id) =>
    gone.has(id) ? undefined : { accountId: id, claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true }) },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  jwks: { keys: [jwk] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access', 'email', 'profile'],
  ttl: { AccessToken: 300, Grant: 86400, IdToken: config.idTokenSeconds, Interaction: 600, RefreshToken: 86400, Session: 86400 },
});
const issue = exchange({ jwk, privateKey, targets: config.targets, tell, gone });
provider.registerGrantType(EXCHANGE, issue, PARAMETERS, REPEATABLE);

const grant = (ctx) => ctx.oidc.params?.grant_type;
provider.on('grant.success', (ctx) => tell('granted', { grant: grant(ctx), client: ctx.oidc.client.clientId }));
provider.on('grant.error', (ctx, error) =>
  tell('refused', { grant: grant(ctx), error: error.error, why: error.error_detail ?? error.error_description }));
provider.on('authorization.error', (_, error) => tell('refused', { error: error.error, why: error.error_description }));
provider.on('grant.revoked', () => tell('revoked'));
provider.on('server_error', (_, error) => tell('broken', { why: error.stack }));

// The person at the page: one form, no password, consent implied.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { params, prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = {};
  if (prompt.name === 'login') {
    tell('sign_in', { client: params.client_id });
    result.login = { accountId: config.person, amr: ['pwd', 'otp'] };
  } else {
    const consent = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    consent.addOIDCScope(params.scope);
    result.consent = { grantId: await consent.save() };
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: prompt.name !== 'login' });
});

server.on('request', provider.callback());
tell('listening', { issuer });

// Each further line names a person who leaves the company; the end of stdin ends the process.
for await (const person of lines) gone.add(person);
process.exit(0);
