// A conforming MCP server by the official SDK, of both eras: sessions up to 2025-11-25, and 2026-07-28 without them.
// It prints its address and serves until its standard input ends.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport, localhostHostValidation, localhostOriginValidation, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { Events } from './events.mjs';
import { build } from './features.mjs';

const sessions = new Map();
const modern = createMcpHandler(() => build(() => modern));
const serveModern = toNodeHandler(modern);
const rightHost = localhostHostValidation();
const rightOrigin = localhostOriginValidation();

async function session(request) {
  const known = request.headers['mcp-session-id'];
  if (known) return sessions.get(known);
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new Events(),
    retryInterval: 500,
    onsessioninitialized: id => sessions.set(id, transport),
    onsessionclosed: id => sessions.delete(id),
  });
  await build(() => modern).connect(transport);
  return transport;
}

async function whole(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

const server = createServer(async (request, response) => {
  if (!rightHost(request, response) || !rightOrigin(request, response)) return;
  const body = request.method === 'POST' ? await whole(request) : undefined;
  if (!(await isLegacyRequest(await toWebRequest(request, body), body))) return serveModern(request, response, body);
  const transport = await session(request);
  if (!transport) {
    response.writeHead(404, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }));
  }
  await transport.handleRequest(request, response, body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
process.stdin.resume().on('end', () => process.exit(0));
