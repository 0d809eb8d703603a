// The client of @modelcontextprotocol/client, which knows both eras. NEGOTIATE
// says how it finds out which one the server speaks: legacy begins with
// initialize; auto asks by server/discover, which began with 2026-07-28; any
// other value is the one revision it accepts. Over stdio the library asks in a
// process of its own, so that two sessions run, one after the other.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { play, transportTo } from "./session.mjs";

const negotiate = process.env.NEGOTIATE;
const mode = ["legacy", "auto"].includes(negotiate) ? negotiate : { pin: negotiate };

await play(async (server, onStderr, human) => {
  const transport = transportTo(server, { Stdio: StdioClientTransport, Http: StreamableHTTPClientTransport }, onStderr);
  const options = { versionNegotiation: { mode }, capabilities: human?.capabilities ?? {} };
  const client = new Client({ name: "modern-client", version: "1.0.0" }, options);
  if (human) client.setRequestHandler("elicitation/create", human.answer);
  client.callOptions = (options) => [options];
  await client.connect(transport);
  return {
    client,
    transport,
    era: client.getProtocolEra(),
    version: client.getNegotiatedProtocolVersion(),
  };
});
