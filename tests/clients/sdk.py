"""The official Python SDK and FastMCP, as a program that calls one tool so many times with a pause in between.

sdk.py mcp|fastmcp CALLS PAUSE stdio PROGRAM ARGUMENT...
sdk.py mcp|fastmcp CALLS PAUSE http URL KEY
sdk.py mcp|fastmcp CALLS PAUSE unix URL SOCKET

It prints the tools it was shown, and then what came of each call, a line of JSON each.
"""

import asyncio
import json
import sys

import httpx2
import mcp
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from mcp.client.streamable_http import streamable_http_client


def by_mcp(way, words):
    if way == "stdio":
        return mcp.Client(mcp.StdioServerParameters(command=words[0], args=words[1:]))
    if way == "http":
        http = httpx2.AsyncClient(headers={"Lanyard-Key": words[1]}, trust_env=False)
    else:
        http = httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(uds=words[1]), trust_env=False)
    return mcp.Client(streamable_http_client(words[0], http_client=http))


def by_fastmcp(way, words):
    if way == "stdio":
        return Client(StdioTransport(command=words[0], args=words[1:]))
    if way == "http":
        return Client(StreamableHttpTransport(words[0], headers={"Lanyard-Key": words[1]}))

    def through(**settings):
        return httpx2.AsyncClient(**settings, transport=httpx2.AsyncHTTPTransport(uds=words[1]), trust_env=False)

    return Client(StreamableHttpTransport(words[0], httpx_client_factory=through))


async def main(library, calls, pause, way, *words):
    client = {"mcp": by_mcp, "fastmcp": by_fastmcp}[library](way, list(words))
    async with client:
        tools = await client.list_tools()
        print(json.dumps({"tools": [tool.name for tool in getattr(tools, "tools", tools)]}), flush=True)
        for number in range(int(calls)):
            if number:
                await asyncio.sleep(float(pause))
            result = await client.call_tool("whoami", {})
            print(json.dumps(result.structured_content), flush=True)


asyncio.run(main(*sys.argv[1:]))
