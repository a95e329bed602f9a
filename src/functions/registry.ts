// FunctionRegistry: every function, operator, cast, aggregate, window and table function by id and by name. The binder
// resolves names here, the engine fetches bodies by id. Registries are immutable; withUserFunctions layers user-defined
// functions over the built-in ones. Cast ids are "cast(int4->text)".
import { sqlError } from '../errors/sql-error.ts';
import type { SqlType } from '../types/sql-type.ts';
import { FAMILIES } from './builtin.ts';
import type {
  AggregateFunction,
  CastFunction,
  ScalarFunction,
  TableFunction,
  WindowFunction,
} from './function-definition.ts';

/** What a registry is made from. Operators are scalars that carry `operator`. */
export interface FunctionSet {
  readonly scalars?: readonly ScalarFunction[];
  readonly casts?: readonly CastFunction[];
  readonly aggregates?: readonly AggregateFunction[];
  readonly windows?: readonly WindowFunction[];
  readonly tables?: readonly TableFunction[];
}

/** Functions of one kind by id and by name; a later definition of the same id replaces the earlier one. */
class FunctionTable<F extends { readonly id: string }> {
  private readonly byId = new Map<string, F>();
  private readonly byName = new Map<string, F[]>();

  constructor(functions: readonly F[], nameOf: (f: F) => string | undefined) {
    for (const f of functions) this.byId.set(f.id, f);
    for (const f of this.byId.values()) {
      const name = nameOf(f);
      if (name === undefined) continue;
      const list = this.byName.get(name);
      if (list === undefined) this.byName.set(name, [f]);
      else list.push(f);
    }
  }

  find(id: string): F | undefined {
    return this.byId.get(id);
  }
  named(name: string): readonly F[] {
    return this.byName.get(name) ?? [];
  }
  all(): readonly F[] {
    return [...this.byId.values()];
  }
}

export class FunctionRegistry {
  private readonly set: Required<FunctionSet>;
  private readonly scalarTable: FunctionTable<ScalarFunction>;
  private readonly operatorTable: FunctionTable<ScalarFunction>;
  private readonly aggregateTable: FunctionTable<AggregateFunction>;
  private readonly windowTable: FunctionTable<WindowFunction>;
  private readonly tableTable: FunctionTable<TableFunction>;
  private readonly castTable = new Map<string, CastFunction>();
  private readonly castsBySource = new Map<string, CastFunction[]>();

  constructor(set: FunctionSet) {
    this.set = {
      scalars: set.scalars ?? [],
      casts: set.casts ?? [],
      aggregates: set.aggregates ?? [],
      windows: set.windows ?? [],
      tables: set.tables ?? [],
    };
    const castBodies: ScalarFunction[] = [];
    for (const cast of this.set.casts) {
      this.castTable.set(`${cast.from}->${cast.to}`, cast);
      if (cast.function !== 'binary-compatible') castBodies.push(cast.function);
      if (cast.assignmentFunction !== undefined) castBodies.push(cast.assignmentFunction);
    }
    for (const cast of this.castTable.values()) {
      const list = this.castsBySource.get(cast.from);
      if (list === undefined) this.castsBySource.set(cast.from, [cast]);
      else list.push(cast);
    }
    const isCast = (f: ScalarFunction) => f.id.startsWith('cast(');
    this.scalarTable = new FunctionTable([...this.set.scalars, ...castBodies], (f) =>
      f.operator !== undefined || isCast(f) ? undefined : f.name,
    );
    this.operatorTable = new FunctionTable(
      this.set.scalars.filter((f) => f.operator !== undefined),
      (f) => f.operator,
    );
    this.aggregateTable = new FunctionTable(this.set.aggregates, (f) => f.name);
    this.windowTable = new FunctionTable(this.set.windows, (f) => f.name);
    this.tableTable = new FunctionTable(this.set.tables, (f) => f.name);
  }

  /** Function, operator or cast body by id; a missing id is a programming error (XX000). */
  scalar(id: string): ScalarFunction {
    return this.scalarTable.find(id) ?? missing('function', id);
  }
  findScalar(id: string): ScalarFunction | undefined {
    return this.scalarTable.find(id);
  }
  /** Overloads of a function name (no operators, no casts). */
  scalarsNamed(name: string): readonly ScalarFunction[] {
    return this.scalarTable.named(name);
  }
  /** Binary and prefix operators of that name; prefix ones have one parameter. */
  operatorsNamed(operator: string): readonly ScalarFunction[] {
    return this.operatorTable.named(operator);
  }
  aggregate(id: string): AggregateFunction {
    return this.aggregateTable.find(id) ?? missing('aggregate', id);
  }
  aggregatesNamed(name: string): readonly AggregateFunction[] {
    return this.aggregateTable.named(name);
  }
  windowFunction(id: string): WindowFunction {
    return this.windowTable.find(id) ?? missing('window function', id);
  }
  windowFunctionsNamed(name: string): readonly WindowFunction[] {
    return this.windowTable.named(name);
  }
  tableFunction(id: string): TableFunction {
    return this.tableTable.find(id) ?? missing('table function', id);
  }
  tableFunctionsNamed(name: string): readonly TableFunction[] {
    return this.tableTable.named(name);
  }

  /**
   * The cast between two types by name; modifiers are the target's business (its body gets the target type as result).
   * from = to gives the length coercion where the type has one (varchar(n), numeric(p,s) ...). Array to array is
   * ('array', 'array') and casts element by element.
   */
  cast(from: SqlType, to: SqlType): CastFunction | undefined {
    return this.castTable.get(`${from.name}->${to.name}`);
  }
  castsFrom(name: string): readonly CastFunction[] {
    return this.castsBySource.get(name) ?? [];
  }
  allScalars(): readonly ScalarFunction[] {
    return this.scalarTable.all();
  }
  allCasts(): readonly CastFunction[] {
    return [...this.castTable.values()];
  }
  allAggregates(): readonly AggregateFunction[] {
    return this.aggregateTable.all();
  }
  allWindowFunctions(): readonly WindowFunction[] {
    return this.windowTable.all();
  }
  allTableFunctions(): readonly TableFunction[] {
    return this.tableTable.all();
  }

  /** This registry with more functions; those with an id already here replace it. */
  withUserFunctions(user: FunctionSet): FunctionRegistry {
    return new FunctionRegistry({
      scalars: [...this.set.scalars, ...(user.scalars ?? [])],
      casts: [...this.set.casts, ...(user.casts ?? [])],
      aggregates: [...this.set.aggregates, ...(user.aggregates ?? [])],
      windows: [...this.set.windows, ...(user.windows ?? [])],
      tables: [...this.set.tables, ...(user.tables ?? [])],
    });
  }
}

function missing(kind: string, id: string): never {
  throw sqlError('internal_error', `no ${kind} with id ${id}`);
}

let builtin: FunctionRegistry | undefined;

/** The registry of everything Headrace brings along; built on first use. */
export function builtinFunctions(): FunctionRegistry {
  builtin ??= new FunctionRegistry({
    scalars: FAMILIES.flatMap((family) => family.scalars ?? []),
    casts: FAMILIES.flatMap((family) => family.casts ?? []),
    aggregates: FAMILIES.flatMap((family) => family.aggregates ?? []),
    windows: FAMILIES.flatMap((family) => family.windows ?? []),
    tables: FAMILIES.flatMap((family) => family.tables ?? []),
  });
  return builtin;
}
