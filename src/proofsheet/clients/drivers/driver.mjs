// Calls the Node SDKs as their users do: a job a line on stdin, a reply a line on stdout, both JSON, in any order.
// The packages are those of the folder in PROOFSHEET_NODE (one that holds node_modules), or of the current folder.
// Jobs run at once; the process ends when stdin has ended and the last job is answered.

import { Console } from 'node:console';
import { createInterface } from 'node:readline';

import { JobProblem, SDKS, cut } from './node_sdks.mjs';
import { NotInstalled, versionOf } from './packages.mjs';

// Whatever a library prints is no reply.
globalThis.console = new Console(process.stderr, process.stderr);
process.on('unhandledRejection', (error) => console.error(error));

const BLANK = { version: null, returned: false, images: [], text: '', nothing: null, raised: null, problem: null };

function found(known, name, kind) {
  if (typeof name !== 'string' || !Object.hasOwn(known, name)) {
    throw new JobProblem(`no ${kind} '${name}' here (there are: ${Object.keys(known).join(', ')})`);
  }
  return known[name];
}

function checked(job) {
  for (const name of ['base_url', 'key']) {
    if (typeof job[name] !== 'string') throw new JobProblem(`the job is not complete: ${name} is missing`);
  }
  const files = (job.files ?? []).map((file) => ({ ...file, field: file.field.replace(/\[\]$/, ''), content: Buffer.from(file.base64, 'base64') }));
  const body = job.body ?? {};
  return { ...job, body, files, headers: job.headers ?? {}, model: job.model ?? body.model, retries: job.retries ?? null, timeout: job.timeout ?? null };
}

// The names that a user may catch an error by: its classes, and behind them those of the error that a retry wraps.
function classesOf(error) {
  const names = error instanceof DOMException ? [error.name] : [];
  for (let type = Object.getPrototypeOf(error ?? {}); type && type !== Object.prototype; type = Object.getPrototypeOf(type)) {
    names.push((Object.hasOwn(type, 'constructor') ? type.constructor.name : '').replace(/^_+/, '') || 'anonymous');
  }
  return error?.lastError ? [...names, ...classesOf(error.lastError)] : names;
}

function raised(error) {
  const inner = error?.lastError ?? error;
  let message = String(error?.message ?? error);
  for (let cause = error?.cause; cause; cause = cause.cause) message += ` (from ${cause.name ?? 'Error'}: ${cause.message ?? cause})`;
  const classes = classesOf(error);
  const code = inner?.data?.error?.code ?? (inner instanceof DOMException ? null : inner?.code) ?? null;
  const status = inner?.status ?? inner?.statusCode ?? null;
  return { class: classes[0] ?? typeof error, classes, status, code: code === null ? null : String(code), message: cut(message) };
}

async function done(raw) {
  const sdk = found(SDKS, raw.sdk, 'SDK');
  const version = sdk.packages.map(versionOf).map((each, at) => (at === 0 ? each : `${sdk.packages[at]} ${each}`)).join(' with ');
  if (raw.call === 'version') return { version };
  let answer;
  try {
    const call = found(sdk.calls, raw.call, 'call');
    const ask = await call.prepare(checked(raw));
    try {
      answer = await ask();
    } catch (error) {
      return { version, raised: raised(error) };
    }
    return { version, returned: true, ...call.read(answer) };
  } catch (error) {
    return { version, problem: problem(error) };
  }
}

function problem(error) {
  const ours = error instanceof JobProblem || error instanceof NotInstalled;
  return cut(ours ? error.message : `the driver failed: ${error?.stack ?? error}`);
}

async function answered(line) {
  let raw;
  try {
    raw = JSON.parse(line);
  } catch (error) {
    return { id: null, ...BLANK, problem: `the line is no JSON: ${error.message}` };
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return { id: null, ...BLANK, problem: 'the line is no JSON object' };
  try {
    return { id: raw.id ?? null, ...BLANK, ...(await done(raw)) };
  } catch (error) {
    return { id: raw.id ?? null, ...BLANK, problem: problem(error) };
  }
}

const underway = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const job = answered(line).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
  underway.add(job);
  job.finally(() => underway.delete(job));
}
await Promise.all(underway);
process.stdout.write('', () => process.exit(0));
