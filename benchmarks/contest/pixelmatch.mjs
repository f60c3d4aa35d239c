// pixelmatch with pngjs, in two worker threads: BASELINES CANDIDATES ANSWERS PEERS
// As its README does it, but for the difference picture, which is not asked for.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

async function compareAll({ pairs, next, peers }) {
  const require = createRequire(join(peers, "index.js"));
  const { PNG } = require("pngjs");
  const { default: pixelmatch } = await import(require.resolve("pixelmatch"));
  const taken = new Int32Array(next);
  const answers = {};
  for (let index; (index = Atomics.add(taken, 0, 1)) < pairs.length; ) {
    const [name, ...paths] = pairs[index];
    const [a, b] = paths.map((path) => PNG.sync.read(readFileSync(path)));
    const sameSize = a.width === b.width && a.height === b.height;
    const count = sameSize ? pixelmatch(a.data, b.data, null, a.width, a.height) : null;
    answers[name] = { differs: count !== 0, diff_pixels: count };
  }
  return answers;
}

async function main() {
  const [baselines, candidates, answersPath, peers] = process.argv.slice(2);
  const pairs = readdirSync(baselines, { recursive: true })
    .filter((name) => name.endsWith(".png"))
    .map((name) => [name, join(baselines, name), join(candidates, name)]);
  const next = new SharedArrayBuffer(4);
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { pairs, next, peers } });
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  const answers = Object.assign({}, ...(await Promise.all([run(), run()])));
  writeFileSync(answersPath, JSON.stringify(answers));
}

if (isMainThread) await main();
else parentPort.postMessage(await compareAll(workerData));
