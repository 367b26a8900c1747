// npm packages of a folder that this file does not lie in: their versions, and the module that a user's import there gives.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];
const folder = resolve(process.env.PROOFSHEET_NODE || '.');
const from = createRequire(join(folder, 'package.json'));

export class NotInstalled extends Error {}

function placeOf(name) {
  const place = (from.resolve.paths(name) ?? []).map((each) => join(each, name)).find((each) => existsSync(join(each, 'package.json')));
  if (place === undefined) throw new NotInstalled(`the package ${name} is not installed in ${folder}: npm install ${name}`);
  return place;
}

const described = (name) => JSON.parse(readFileSync(join(placeOf(name), 'package.json'), 'utf-8'));

export const versionOf = (name) => described(name).version;

// import() would look beside this file; Node has no stable way to say where else, so the package's own exports are read.
function entryOf({ exports, module, main }) {
  let target = exports?.['.'] ?? exports ?? module ?? main ?? 'index.js';
  while (typeof target === 'object') {
    target = Object.entries(target).find(([condition]) => CONDITIONS.includes(condition))?.[1];
  }
  return target;
}

export const imported = (name) => import(pathToFileURL(join(placeOf(name), entryOf(described(name)))).href);
