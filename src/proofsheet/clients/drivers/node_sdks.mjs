// The Node SDKs and their calls. `prepare` is the driver's part and gives the user's call; what that throws is the SDK's.
// `read` is what a user finds in what the SDK hands over.

import { imported } from './packages.mjs';

const LONGEST = 2000;

export class JobProblem extends Error {}

export const cut = (text) => String(text).slice(0, LONGEST);

const where = (condition, fields) => (condition ? fields : {});
const bodyOf = ({ body, model }) => ({ ...body, ...where(model !== undefined, { model }) });
const plain = (base64) => Buffer.from(base64, 'base64').toString('base64');
const filesOf = (job, field) => job.files.filter((file) => file.field === field);

function uploads(job) {
  if (job.files.length === 0) throw new JobProblem('an edit uploads files and the job has none: pictures in a JSON body are not what this SDK sends');
  if (filesOf(job, 'image').length === 0) throw new JobProblem("an edit needs a file 'image'");
}

// --- openai

async function openai(job) {
  const { OpenAI } = await imported('openai');
  const retries = where(job.retries !== null, { maxRetries: job.retries });
  const timeout = where(job.timeout !== null, { timeout: job.timeout * 1000 });
  return () => new OpenAI({ baseURL: job.base_url, apiKey: job.key, ...retries, ...timeout });
}

const openaiGenerate = {
  async prepare(job) {
    const client = await openai(job);
    return () => client().images.generate(bodyOf(job), { headers: job.headers });
  },
  read: readImages,
};

const openaiEdit = {
  async prepare(job) {
    uploads(job);
    const [client, { toFile }] = [await openai(job), await imported('openai')];
    const fields = {};
    for (const name of new Set(job.files.map((file) => file.field))) {
      const files = await Promise.all(filesOf(job, name).map((file) => toFile(file.content, file.name, { type: file.media_type })));
      fields[name] = files.length === 1 ? files[0] : files;
    }
    return () => client().images.edit({ ...bodyOf(job), ...fields }, { headers: job.headers });
  },
  read: readImages,
};

// A body that is not declared as JSON is handed over as a string.
function readImages(answer) {
  if (typeof answer === 'string') return { text: cut(answer), nothing: 'the call handed over a string and no answer with data' };
  const data = answer?.data;
  if (!Array.isArray(data) || data.length === 0) {
    return { nothing: Array.isArray(data) ? 'data is empty' : `data is ${data == null ? String(data) : `a ${typeof data} and no array`}` };
  }
  const images = data.filter((each) => each?.b64_json || each?.url);
  const lacking = data.findIndex((each) => !each?.b64_json && !each?.url);
  return {
    images: images.map((each) => (each.b64_json ? { base64: each.b64_json, media_type: null } : { url: each.url })),
    nothing: lacking < 0 ? null : `b64_json and url are missing in data[${lacking}]`,
  };
}

// --- @google/genai

// What the SDK's config has a name for; anything else of a body goes where the SDK takes extra fields.
const CONFIG = ['safetySettings', 'tools', 'toolConfig', 'systemInstruction', 'cachedContent', 'labels'];

const generateContent = {
  async prepare(job) {
    const { GoogleGenAI } = await imported('@google/genai');
    const { contents, generationConfig, model: _, ...rest } = job.body;
    const named = Object.fromEntries(Object.entries(rest).filter(([name]) => CONFIG.includes(name)));
    const extra = Object.fromEntries(Object.entries(rest).filter(([name]) => !CONFIG.includes(name)));
    const httpOptions = {
      baseUrl: job.base_url,
      headers: job.headers,
      ...where(job.api_version != null, { apiVersion: job.api_version }),
      ...where(job.timeout !== null, { timeout: job.timeout * 1000 }),
      ...where(job.retries !== null, { retryOptions: { attempts: job.retries + 1 } }),
    };
    const config = { ...named, ...generationConfig, ...where(Object.keys(extra).length > 0, { httpOptions: { extraBody: extra } }) };
    return () => new GoogleGenAI({ apiKey: job.key, httpOptions }).models.generateContent({ model: job.model, contents, config });
  },
  read(answer) {
    const candidates = answer?.candidates;
    if (!candidates?.length) {
      const words = candidates ? 'candidates is empty' : 'candidates is undefined';
      const blocked = answer?.promptFeedback?.blockReason;
      return { nothing: blocked ? `${words}, blockReason is ${blocked}` : words };
    }
    const shown = candidates.flatMap((candidate) => candidate.content?.parts ?? []).filter((part) => !part.thought);
    const images = shown.map(pictureOf).filter(Boolean);
    const text = cut(shown.map((part) => part.text ?? '').join(''));
    return { images, text, nothing: images.length ? null : whyNone(candidates[0], shown) };
  },
};

// A part's picture, told by what it is made of: data with its type, or an address. The SDK hands base64 over as it came,
// in either alphabet; its users' Buffer reads both. It hands names over as they came too, and its users know those in camel case.
function pictureOf(part) {
  for (const [name, value] of Object.entries(part)) {
    if (name.includes('_')) continue;
    if (typeof value?.data === 'string' && value.data) return { base64: plain(value.data), media_type: value.mimeType ?? null };
    if (typeof value?.fileUri === 'string') return { url: value.fileUri };
  }
  return null;
}

function whyNone(candidate, shown) {
  const parts = candidate.content?.parts;
  let words = shown.length ? 'no part carries data' : 'all parts are thoughts';
  if (!candidate.content) words = 'candidates[0].content is undefined';
  else if (!parts?.length) words = `candidates[0].content.parts is ${parts ? 'empty' : 'undefined'}`;
  return candidate.finishReason ? `${words}, finishReason is ${candidate.finishReason}` : words;
}

// --- ai, with @ai-sdk/openai

const OWN = { size: 'size', aspect_ratio: 'aspectRatio', aspectRatio: 'aspectRatio', n: 'n', seed: 'seed' };
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

async function aiImages(job, prompt) {
  const [ai, { createOpenAI }] = [await imported('ai'), await imported('@ai-sdk/openai')];
  const generate = ai.generateImage ?? ai.experimental_generateImage;
  const { prompt: _, model: __, ...body } = job.body;
  const named = Object.entries(body).filter(([name]) => Object.hasOwn(OWN, name));
  const rest = Object.entries(body).filter(([name]) => !Object.hasOwn(OWN, name));
  return () =>
    generate({
      model: createOpenAI({ baseURL: job.base_url, apiKey: job.key, headers: job.headers }).image(job.model),
      prompt,
      ...Object.fromEntries(named.map(([name, value]) => [OWN[name], value])),
      ...where(rest.length > 0, { providerOptions: { openai: Object.fromEntries(rest.map(([name, value]) => [camel(name), value])) } }),
      ...where(job.retries !== null, { maxRetries: job.retries }),
      ...where(job.timeout !== null, { abortSignal: AbortSignal.timeout(job.timeout * 1000) }),
    });
}

function readGenerated({ images }) {
  const empty = images.findIndex((each) => !each.base64);
  const found = images.filter((each) => each.base64).map((each) => ({ base64: each.base64, media_type: each.mediaType }));
  return { images: found, nothing: images.length === 0 ? 'images is empty' : empty < 0 ? null : `images[${empty}].base64 is empty` };
}

const aiGenerate = { prepare: (job) => aiImages(job, job.body.prompt), read: readGenerated };

const aiEdit = {
  prepare(job) {
    uploads(job);
    const other = job.files.find((file) => !['image', 'mask'].includes(file.field));
    if (other) throw new JobProblem(`this SDK has no file '${other.field}'`);
    const mask = filesOf(job, 'mask')[0]?.content;
    return aiImages(job, { text: job.body.prompt, images: filesOf(job, 'image').map((file) => file.content), ...where(mask, { mask }) });
  },
  read: readGenerated,
};

export const SDKS = {
  'openai-node': { packages: ['openai'], calls: { 'images.generate': openaiGenerate, 'images.edit': openaiEdit } },
  'google-genai-node': { packages: ['@google/genai'], calls: { generate_content: generateContent } },
  'ai-node': { packages: ['ai', '@ai-sdk/openai'], calls: { 'images.generate': aiGenerate, 'images.edit': aiEdit } },
};
