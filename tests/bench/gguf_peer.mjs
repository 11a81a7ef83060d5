// What tests/bench/gguf_peer.py runs llama.cpp with: node gguf_peer.mjs MODEL.gguf THREADS
// It reads and says as many tokens as gguf_speed.rs, and prints one object of JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The package is where the caller has installed it, not beside this file.
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(require.resolve("node-llama-cpp")).href);

const READ = 512;
const SAID = 48;
const SIDE_BY_SIDE = 8;

const [, , path, threads] = process.argv;
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error });
const seconds = async (work) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
let model;
const loaded = await seconds(async () => {
  model = await llama.loadModel({ modelPath: path });
});
const context = await model.createContext({
  contextSize: 2 * READ,
  sequences: SIDE_BY_SIDE,
  threads: Number(threads),
  batchSize: READ,
});
const texts = Array.from({ length: SIDE_BY_SIDE }, () => context.getSequence());
const count = (from) => model.tokenize(Array.from({ length: 300 }, (_, number) => `${from + number}, `).join(""));
const prompt = count(1).slice(0, READ);
await texts[0].evaluateWithoutGeneratingNewTokens(prompt.slice(0, 64));
await texts[0].clearHistory();
const read = READ / (await seconds(() => texts[0].evaluateWithoutGeneratingNewTokens(prompt)));
await texts[0].clearHistory();
await Promise.all(texts.map((text, n) => text.evaluateWithoutGeneratingNewTokens(count(1 + n).slice(0, 63))));
let said = 0;
const say = async (text, n) => {
  let left = SAID;
  for await (const _ of text.evaluate([count(1 + n)[63]], { temperature: 0, yieldEogToken: true })) {
    said += 1;
    left -= 1;
    if (left === 0) break;
  }
};
const saying = await seconds(() => Promise.all(texts.map(say)));
console.log(JSON.stringify({ loaded, read, said: said / saying }));
process.exit(0);
