// The thread of package-parser.ts: loads the grammars it is asked for and answers with plain trees.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { PackageAnswer } from './package-parser.ts';

interface GrammarModule {
  readonly Parser: new () => { astify(text: string): unknown };
}

const require = createRequire(import.meta.url);
const parsers = new Map<string, InstanceType<GrammarModule['Parser']>>();

parentPort!.on('message', ({ grammar, text }: { readonly grammar: string; readonly text: string }) => {
  let parser = parsers.get(grammar);
  if (parser === undefined) {
    const { Parser } = require(`node-sql-parser/build/${grammar}`) as GrammarModule;
    parser = new Parser();
    parsers.set(grammar, parser);
  }
  parentPort!.postMessage(answer(parser, text));
});

function answer(parser: InstanceType<GrammarModule['Parser']>, text: string): PackageAnswer {
  try {
    const trees = parser.astify(text);
    // functions hang on some trees: only data leaves this thread
    return { kind: 'trees', trees: JSON.parse(JSON.stringify(Array.isArray(trees) ? trees : [trees])) };
  } catch {
    return { kind: 'rejected' };
  }
}
