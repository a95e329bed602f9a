// Connectors as foreign servers: those that streams use, each with its wrapper of the same name.
import type { Stream } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';
import { allRelations } from './relation-facts.ts';

export function* allStreams(context: SystemContext): Generator<Stream> {
  for (const relation of allRelations(context)) if (relation.kind === 'stream') yield relation;
}

/** The names of the connectors in use. */
export function connectors(context: SystemContext): ReadonlySet<string> {
  return new Set(Array.from(allStreams(context), (stream) => stream.connector));
}

/** A stream's options as ftoptions has them: name=value. */
export function optionTexts(stream: Stream): string[] {
  const options: Record<string, string> = { ...stream.options };
  if (stream.format !== null) options.format = stream.format;
  if (stream.encode !== null) options.encode = stream.encode;
  return Object.entries(options).map(
    ([name, value]) => `${name}=${/password|secret|token/i.test(name) ? '********' : value}`,
  );
}
