// The two official TypeScript SDKs, as a program that calls one tool so many times with a pause in between.
//
// sdk.mjs v1|v2 CALLS PAUSE stdio PROGRAM ARGUMENT...
// sdk.mjs v1|v2 CALLS PAUSE http URL KEY
//
// It prints the tools it was shown, and then what came of each call, a line of JSON each.
const [version, calls, pause, way, ...words] = process.argv.slice(2);

const libraries = {
  v1: async () => ({
    ...(await import('@modelcontextprotocol/sdk/client/index.js')),
    ...(await import('@modelcontextprotocol/sdk/client/stdio.js')),
    ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
  }),
  v2: async () => ({ ...(await import('@modelcontextprotocol/client')), ...(await import('@modelcontextprotocol/client/stdio')) }),
};
const { Client, StdioClientTransport, StreamableHTTPClientTransport } = await libraries[version]();

const transport =
  way === 'stdio'
    ? new StdioClientTransport({ command: words[0], args: words.slice(1), env: process.env })
    : new StreamableHTTPClientTransport(new URL(words[0]), { requestInit: { headers: { 'Lanyard-Key': words[1] } } });
const client = new Client({ name: `typescript-${version}`, version: '1' });
await client.connect(transport);
const { tools } = await client.listTools();
console.log(JSON.stringify({ tools: tools.map(tool => tool.name) }));
for (let number = 0; number < Number(calls); number += 1) {
  if (number) await new Promise(done => setTimeout(done, Number(pause) * 1000));
  const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
  console.log(JSON.stringify(structuredContent));
}
await client.close();
