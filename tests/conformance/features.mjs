// The tools, resources and prompts that the conformance suite asks a server for, under the names that it knows.
import { McpServer, ResourceTemplate, completable, createRequestStateCodec, fromJsonSchema, inputRequired } from '@modelcontextprotocol/server';
import { z } from 'zod';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const state = createRequestStateCodec({ key: crypto.getRandomValues(new Uint8Array(32)) });
const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));
const text = value => ({ type: 'text', text: value });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, value) => ({ type: 'resource', resource: { uri, mimeType, text: value } });
const says = (...content) => ({ content });
const form = (properties, required = Object.keys(properties)) => ({ type: 'object', properties, required });
const ask = (message, properties) => inputRequired.elicit({ message, requestedSchema: form(properties) });
const question = value => ({ messages: [{ role: 'user', content: text(value) }], maxTokens: 100 });
const NAME = { name: { type: 'string' } };

/** A server; `handler` finds the one of the stateless era, which tells its listeners of changes. */
export function build(handler) {
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: { logging: {}, resources: { subscribe: true, listChanged: true }, tools: { listChanged: true }, prompts: { listChanged: true } },
      requestState: { verify: state.verify },
    },
  );
  content(server);
  conversation(server);
  rounds(server, handler);
  resources(server);
  prompts(server);
  return server;
}

function content(server) {
  const tool = (name, description, result) => server.registerTool(name, { description }, async () => result);
  tool('test_simple_text', 'A sentence', says(text('This is a simple text response for testing.')));
  tool('test_image_content', 'An image', says(image));
  tool('test_audio_content', 'A sound', says({ type: 'audio', data: WAV, mimeType: 'audio/wav' }));
  tool('test_embedded_resource', 'A resource', says(embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')));
  tool('test_multiple_content_types', 'Several things at once', says(text('Several things:'), image, embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')));
  tool('test_error_handling', 'Always fails', { content: [text('This tool intentionally returns an error for testing')], isError: true });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' }, contactMethod: { type: 'string', enum: ['phone', 'email'] }, phone: { type: 'string' }, email: { type: 'string' } },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  };
  server.registerTool('json_schema_2020_12_tool', { description: 'Knows all of JSON Schema', inputSchema: fromJsonSchema(schema) }, async () => says(text('Fine.')));
}

// `send` belongs to the stream of the call; `requestSampling` and `elicitInput` take the GET stream, and are lost before it is open.
function conversation(server) {
  server.registerTool('test_tool_with_logging', { description: 'Logs three lines' }, async ctx => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', line);
      await pause(50);
    }
    return says(text('Logged.'));
  });
  const log = async ctx => {
    await ctx.mcpReq.log('info', 'A line that only a client with a log level sees');
    return says(text('Logged.'));
  };
  server.registerTool('test_logging_tool', { description: 'Logs one line' }, log);
  server.registerTool('test_tool_with_progress', { description: 'Says how far it is' }, async ctx => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return says(text(String(progressToken)));
  });
  server.registerTool('test_sampling', { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) }, async ({ prompt }, ctx) => {
    const answer = await ctx.mcpReq.send({ method: 'sampling/createMessage', params: question(prompt) });
    return says(text(`LLM response: ${answer.content.text ?? JSON.stringify(answer.content)}`));
  });
  const elicits = (name, schema) =>
    server.registerTool(name, { description: 'Asks the person', inputSchema: z.object({ message: z.string().optional() }) }, async ({ message }, ctx) => {
      const answer = await ctx.mcpReq.send({ method: 'elicitation/create', params: { message: message ?? 'Please say', requestedSchema: schema } });
      return says(text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`));
    });
  elicits('test_elicitation', form({ username: { type: 'string' }, email: { type: 'string' } }));
  elicits('test_elicitation_sep1034_defaults', form({
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  }, []));
  const titled = ['value1', 'value2', 'value3'].map(value => ({ const: value, title: `Option ${value.at(-1)}` }));
  elicits('test_elicitation_sep1330_enums', form({
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  }, []));
  server.registerTool('test_reconnection', { description: 'Drops its stream before it answers' }, async ctx => {
    ctx.http?.closeSSE?.();
    await pause(200);
    return says(text('Reconnection test completed'));
  });
}

// What a server of 2026-07-28 asks for by its result, and what it may ask for.
function rounds(server, handler) {
  const tool = (name, run) => server.registerTool(name, { description: 'Needs an answer first' }, run);
  const given = (ctx, key) => ctx.mcpReq.inputResponses?.[key];
  const once = (name, key, request) =>
    tool(name, async ctx => (given(ctx, key) ? says(text(JSON.stringify(given(ctx, key)))) : inputRequired({ inputRequests: { [key]: request } })));
  once('test_input_required_result_elicitation', 'user_name', ask('What is your name?', NAME));
  once('test_input_required_result_sampling', 'capital_question', inputRequired.createMessage(question('What is the capital of France?')));
  once('test_input_required_result_list_roots', 'client_roots', inputRequired.listRoots());
  once('test_streaming_elicitation', 'user_name', ask('What is your name?', NAME));
  const sealed = name =>
    tool(name, async ctx => {
      if (given(ctx, 'confirm') && ctx.mcpReq.requestState()) return says(text('state-ok'));
      return inputRequired({ inputRequests: { confirm: ask('Please confirm', { ok: { type: 'boolean' } }) }, requestState: await state.mint({ step: 1 }) });
    });
  sealed('test_input_required_result_request_state');
  sealed('test_input_required_result_tampered_state');
  tool('test_input_required_result_multiple_inputs', async ctx => {
    if (['user_name', 'greeting', 'client_roots'].every(key => given(ctx, key))) return says(text('All there.'));
    const inputRequests = { user_name: ask('What is your name?', NAME), greeting: inputRequired.createMessage(question('Generate a greeting')), client_roots: inputRequired.listRoots() };
    return inputRequired({ inputRequests, requestState: await state.mint({ step: 1 }) });
  });
  tool('test_input_required_result_multi_round', async ctx => {
    const step = ctx.mcpReq.requestState()?.step ?? 0;
    if (step === 2 && given(ctx, 'step2')) return says(text('Done.'));
    const next = step === 1 && given(ctx, 'step1') ? { step2: ask('Step 2: What is your favourite colour?', { color: { type: 'string' } }) } : { step1: ask('Step 1: What is your name?', NAME) };
    return inputRequired({ inputRequests: next, requestState: await state.mint({ step: next.step2 ? 2 : 1 }) });
  });
  const able = ctx => ctx.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
  tool('test_input_required_result_capabilities', async ctx => {
    const inputRequests = {};
    if (able(ctx).elicitation) inputRequests.user_name = ask('What is your name?', NAME);
    if (able(ctx).sampling) inputRequests.greeting = inputRequired.createMessage(question('Say hello'));
    return Object.keys(inputRequests).length ? inputRequired({ inputRequests }) : says(text('Nothing to ask with.'));
  });
  tool('test_missing_capability', async () => inputRequired({ inputRequests: { greeting: inputRequired.createMessage(question('Say hello')) } }));
  tool('test_trigger_tool_change', async () => (handler().notify.toolsChanged(), says(text('Changed.'))));
  tool('test_trigger_prompt_change', async () => (handler().notify.promptsChanged(), says(text('Changed.'))));
}

function resources(server) {
  const fixed = (name, uri, mimeType, body) => server.registerResource(name, uri, { mimeType, description: name }, async () => ({ contents: [{ uri, mimeType, ...body }] }));
  fixed('static-text', 'test://static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
  fixed('static-binary', 'test://static-binary', 'image/png', { blob: PNG });
  fixed('watched', 'test://watched-resource', 'text/plain', { text: 'Watched.' });
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, async (uri, { id }) => ({
    contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }],
  }));
  // Subscriptions of the era of sessions; nothing here ever changes.
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}

function prompts(server) {
  const message = (...content) => ({ messages: content.map(one => ({ role: 'user', content: one })) });
  server.registerPrompt('test_simple_prompt', { description: 'Simple' }, async () => message(text('This is a simple prompt for testing.')));
  const word = z.string();
  const completed = completable(word, value => ['paris', 'park', 'party'].filter(one => one.startsWith(value)));
  server.registerPrompt('test_prompt_with_arguments', { description: 'With arguments', argsSchema: z.object({ arg1: completed, arg2: word }) }, async ({ arg1, arg2 }) =>
    message(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt('test_prompt_with_embedded_resource', { description: 'With a resource', argsSchema: z.object({ resourceUri: word }) }, async ({ resourceUri }) =>
    message(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), text('Please process the embedded resource above.')),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image' }, async () => message(image, text('Please analyze the image above.')));
  server.registerPrompt('test_input_required_result_prompt', { description: 'Needs an answer first' }, async ctx => {
    const answer = ctx.mcpReq.inputResponses?.user_context;
    if (!answer) return inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', { context: { type: 'string' } }) } });
    return message(text(`Context: ${JSON.stringify(answer)}`));
  });
}
