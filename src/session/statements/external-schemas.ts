// The columns of read_parquet and its like must be known before a statement is bound, and finding them out is I/O. The binder asks for
// them where it meets a call, in the statement or in a view under it; what nobody has looked at yet ends the binding, the file is
// looked at, and the statement is bound again.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, FunctionArgument } from '../../sql/ast.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { requireSuperuser } from '../privileges.ts';
import type { SessionState } from '../session-state.ts';

type Columns = readonly { readonly name: string; readonly type: SqlType }[];
type Arguments = readonly FunctionArgument[];

class UnknownSchema extends Error {
  readonly call: string;
  readonly args: Arguments;

  constructor(call: string, args: Arguments) {
    super(`the files of ${call} have not been looked at`);
    this.call = call;
    this.args = args;
  }
}

/** Throws what `bind` throws, 42501 without access to files, 58P01, XX001; 0A000 for arguments that are not literals. */
export async function withExternalSchemas<T>(
  state: SessionState,
  bind: (externalSchema: (call: string, args: Arguments) => Columns) => T,
): Promise<T> {
  const known = new Map<string, Columns>();
  for (;;) {
    try {
      return bind((call, args) => {
        const columns = known.get(keyOf(call, args));
        if (columns === undefined) throw new UnknownSchema(call, args);
        return columns;
      });
    } catch (error) {
      if (!(error instanceof UnknownSchema)) throw error;
      known.set(keyOf(error.call, error.args), await columnsOf(state, error));
    }
  }
}

function keyOf(call: string, args: Arguments): string {
  return `${call} ${JSON.stringify(args)}`;
}

function columnsOf(state: SessionState, { call, args }: UnknownSchema): Promise<Columns> {
  requireSuperuser(state, `permission denied for function ${call}`);
  const { connectors, options } = state.services;
  const paths = args.filter((arg) => arg.name === null).map((arg) => plainValue(arg.value));
  const named = args.flatMap((arg) => (arg.name === null ? [] : [[arg.name, plainValue(arg.value)] as const]));
  return connectors.externalSchema(call, paths, options.serverFiles, Object.fromEntries(named));
}

/** A literal argument as a plain value; anything else is refused, because the file must be known before the statement is bound. */
function plainValue(argument: Expression): unknown {
  switch (argument.kind) {
    case 'string':
      return argument.value;
    case 'integer':
    case 'decimal':
      return Number(argument.text);
    case 'boolean':
      return argument.value;
    case 'null':
      return null;
    case 'unary':
      if (argument.operator === '-') return -Number(plainValue(argument.operand));
      break;
    case 'array':
      return argument.elements.map(plainValue);
    default:
  }
  throw sqlError('feature_not_supported', 'the file and the options must be literals', {
    hint: "Write for example read_parquet('flights.parquet').",
    position: argument.position,
  });
}
