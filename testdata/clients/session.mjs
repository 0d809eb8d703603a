// One session, the same for every client library: connect, list the tools,
// make the calls that the plan asks for, close. What happened is printed as
// one JSON object on standard output; nothing is judged here.
//
// The plan is the JSON object in PLAN: {command, args, env, calls, together,
// human}, or for a server that runs already {url, key, …}. env is added to what the library lets a server inherit. calls, each
// {name, arguments}, are made one after the other; then those of together, all at
// once. human, if it is there, is what the user of the client answers to each
// form that is shown, in turn; without it the client shows no forms.
//
// What else may happen follows, each step if the plan has it: progress is a call that says
// how far it is; cancel is one that is given up once the URL reached has answered;
// cut is a URL that, once it has answered, has broken every connection; again is a call
// of a second client with the same key. After each of them but the first the first call is made once more.
import { ChildProcess } from "node:child_process";

export async function play(connect) {
  const plan = JSON.parse(process.env.PLAN);
  const seen = { errors: [], signals: [], stderr: "", forms: [] };
  const server = plan.url
    ? { url: new URL(plan.url), options: { requestInit: { headers: { Authorization: `Bearer ${plan.key}` } } } }
    : { command: plan.command, args: plan.args, env: plan.env, stderr: "pipe" };
  const human = plan.human && user(plan.human, seen.forms);
  const { client, transport, ...negotiated } = await connect(server, (text) => (seen.stderr += text), human);
  client.onerror = (error) => seen.errors.push(String(error));
  Object.assign(seen, negotiated);

  seen.server = client.getServerVersion();
  seen.capabilities = client.getServerCapabilities();
  seen.tools = await allTools(client);
  seen.calls = [];
  for (const call of plan.calls) {
    seen.calls.push(await outcome(client, call));
  }
  seen.together = await Promise.all((plan.together ?? []).map((call) => outcome(client, call)));

  await trouble(client, plan, seen);
  if (plan.again) {
    const second = await connect(server, (text) => (seen.stderr += text), human);
    seen.again = await outcome(second.client, plan.again);
    await second.client.close();
    seen.after.push(await outcome(client, plan.calls[0]));
  }

  const pid = transport.pid;
  watchSignals(seen.signals);
  if (plan.url && transport.sessionId) await transport.terminateSession();
  await client.close();
  seen.gone = plan.url ? true : !alive(pid);
  process.stdout.write(JSON.stringify(seen) + "\n");
}

// trouble is what may befall calls and connections.
async function trouble(client, plan, seen) {
  seen.progress = [];
  seen.after = [];
  const again = async () => seen.after.push(await outcome(client, plan.calls[0]));
  if (plan.progress) {
    seen.told = await outcome(client, plan.progress, { onprogress: (step) => seen.progress.push(step) });
  }
  if (plan.cancel) {
    const giveUp = new AbortController();
    const pending = outcome(client, plan.cancel, { signal: giveUp.signal });
    await fetch(plan.reached);
    giveUp.abort("given up");
    seen.cancelled = await pending;
    await again();
  }
  if (plan.cut) {
    await fetch(plan.cut);
    await again();
  }
}

// transportTo makes a library's transport to the server of the plan.
export function transportTo(server, { Stdio, Http }, onStderr) {
  if (server.url) return new Http(server.url, server.options);
  const transport = new Stdio(server);
  transport.stderr.on("data", (chunk) => onStderr(chunk.toString()));
  return transport;
}

// user is the one in front of the client: the capability that a client with a
// user declares, and what answers a form.
function user(answers, forms) {
  return {
    capabilities: { elicitation: { form: {} } },
    answer: (request) => {
      forms.push(request.params);
      return answers[forms.length - 1];
    },
  };
}

async function allTools(client) {
  const tools = [];
  let cursor;
  do {
    const page = await client.listTools(cursor ? { cursor } : undefined);
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor);
  return tools;
}

// outcome tells a call's answer from a protocol error.
async function outcome(client, call, options) {
  try {
    return { result: await client.callTool(call, ...(options ? client.callOptions(options) : [])) };
  } catch (error) {
    return { error: { code: error.code, message: error.message } };
  }
}

// watchSignals notes what a library has to send to a server that does not end
// when its standard input does.
function watchSignals(signals) {
  const kill = ChildProcess.prototype.kill;
  ChildProcess.prototype.kill = function (signal) {
    signals.push(signal ?? "SIGTERM");
    return kill.call(this, signal);
  };
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
