// The client of @modelcontextprotocol/sdk: revisions up to 2025-11-25, which
// begin with an initialize handshake.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { play, transportTo } from "./session.mjs";

await play(async (server, onStderr, human) => {
  const transport = transportTo(server, { Stdio: StdioClientTransport, Http: StreamableHTTPClientTransport }, onStderr);
  let version;
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (negotiated) => {
    version = negotiated;
    told?.(negotiated);
  };
  const client = new Client({ name: "legacy-client", version: "1.0.0" }, { capabilities: human?.capabilities ?? {} });
  if (human) client.setRequestHandler(ElicitRequestSchema, human.answer);
  client.callOptions = (options) => [undefined, options];
  await client.connect(transport);
  return { client, transport, era: "legacy", version };
});
