// The syntax tree of ALTER, DROP, COMMENT, GRANT and REVOKE. Conventions as in ast.ts.
import type { Expression, Node } from './ast.ts';
import type {
  ColumnDefinition,
  FunctionParameter,
  Option,
  PartitionBound,
  QualifiedName,
  SequenceOption,
  TableConstraint,
  TypeName,
} from './ast-definition.ts';

export type AlterStatement =
  | AlterRelation
  | AlterSequence
  | AlterEnum
  | AlterRole
  | AlterSystem
  | AlterObjectOptions
  | Rename
  | SetSchema
  | AlterOwner
  | Drop
  | CommentOn
  | GrantPrivileges
  | GrantRole;

export type ObjectType =
  | 'table'
  | 'view'
  | 'materialized view'
  | 'stream'
  | 'source'
  | 'sink'
  | 'subscription'
  | 'index'
  | 'sequence'
  | 'schema'
  | 'type'
  | 'domain'
  | 'function'
  | 'procedure'
  | 'routine'
  | 'aggregate'
  | 'database'
  | 'role'
  | 'extension'
  | 'column'
  | 'constraint'
  | 'attribute'
  | 'foreign table'
  | 'collation'
  | 'tablespace'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'domain constraint'
  | 'language'
  | 'cast'
  | 'operator'
  | 'publication'
  | 'server'
  | 'statistics'
  | 'large object';
export interface AlterRelation extends Node {
  readonly kind: 'alter_relation';
  readonly objectType:
    | 'table'
    | 'view'
    | 'materialized view'
    | 'stream'
    | 'source'
    | 'sink'
    | 'index'
    | 'sequence'
    | 'foreign table';
  readonly ifExists: boolean;
  readonly only: boolean;
  readonly name: QualifiedName;
  readonly actions: readonly AlterAction[];
}
export type AlterAction = Node &
  (
    | { readonly kind: 'add_column'; readonly ifNotExists: boolean; readonly column: ColumnDefinition }
    | { readonly kind: 'drop_column'; readonly ifExists: boolean; readonly column: string; readonly cascade: boolean }
    | {
        readonly kind: 'alter_type';
        readonly column: string;
        readonly type: TypeName;
        readonly collation: readonly string[];
        readonly using: Expression | null;
      }
    /** null: DROP DEFAULT */
    | { readonly kind: 'set_default'; readonly column: string; readonly expression: Expression | null }
    | { readonly kind: 'set_not_null' | 'drop_not_null'; readonly column: string }
    | { readonly kind: 'drop_expression' | 'drop_identity'; readonly column: string; readonly ifExists: boolean }
    | {
        readonly kind: 'add_identity';
        readonly column: string;
        readonly always: boolean;
        readonly options: readonly SequenceOption[];
      }
    | {
        readonly kind: 'set_identity';
        readonly column: string;
        readonly always: boolean | null;
        readonly options: readonly SequenceOption[];
      }
    | { readonly kind: 'set_statistics'; readonly column: string; readonly value: number }
    | { readonly kind: 'set_storage' | 'set_compression'; readonly column: string; readonly value: string }
    | { readonly kind: 'add_constraint'; readonly constraint: TableConstraint }
    | {
        readonly kind: 'drop_constraint';
        readonly ifExists: boolean;
        readonly constraint: string;
        readonly cascade: boolean;
      }
    | { readonly kind: 'validate_constraint'; readonly constraint: string }
    | { readonly kind: 'set_options'; readonly options: readonly Option[] }
    | { readonly kind: 'reset_options'; readonly options: readonly Option[] }
    | { readonly kind: 'owner_to'; readonly owner: string }
    | { readonly kind: 'inherit' | 'no_inherit'; readonly parent: QualifiedName }
    | { readonly kind: 'attach_partition'; readonly partition: QualifiedName; readonly bound: PartitionBound }
    | { readonly kind: 'detach_partition'; readonly partition: QualifiedName; readonly concurrently: boolean }
    /** `words` is the action's text in lower case: 'enable row level security', 'replica identity full', 'set logged' */
    | { readonly kind: 'other'; readonly words: string }
  );
export interface AlterSequence extends Node {
  readonly kind: 'alter_sequence';
  readonly ifExists: boolean;
  readonly name: QualifiedName;
  readonly options: readonly SequenceOption[];
}
export interface AlterEnum extends Node {
  readonly kind: 'alter_enum';
  readonly name: QualifiedName;
  readonly action:
    | {
        readonly kind: 'add_value';
        readonly ifNotExists: boolean;
        readonly value: string;
        readonly place: 'before' | 'after' | null;
        readonly neighbour: string | null;
      }
    | { readonly kind: 'rename_value'; readonly from: string; readonly to: string };
}
/** ALTER ROLE r options, or SET/RESET with `setting`. */
export interface AlterRole extends Node {
  readonly kind: 'alter_role';
  readonly word: 'role' | 'user';
  /** null: ALL */
  readonly name: string | null;
  readonly inDatabase: string | null;
  readonly options: readonly Option[];
  readonly setting: SettingChange | null;
}
/** `values` null: RESET name, SET name TO DEFAULT; name 'all' with null: RESET ALL. */
export interface SettingChange {
  readonly name: string;
  readonly values: readonly string[] | null;
}
export interface AlterSystem extends Node {
  readonly kind: 'alter_system';
  readonly setting: SettingChange;
}
/** ALTER DATABASE d SET x / WITH options; ALTER SINK | SUBSCRIPTION | FUNCTION .. SET (..) */
export interface AlterObjectOptions extends Node {
  readonly kind: 'alter_object_options';
  readonly objectType: ObjectType;
  readonly name: QualifiedName;
  readonly options: readonly Option[];
  readonly setting: SettingChange | null;
}
/** ALTER .. RENAME [COLUMN a | CONSTRAINT c] TO b; `part` is the column, constraint or attribute. */
export interface Rename extends Node {
  readonly kind: 'rename';
  readonly objectType: ObjectType;
  /** of the relation that has the part */
  readonly relationType: ObjectType | null;
  readonly ifExists: boolean;
  readonly object: ObjectName;
  readonly part: string | null;
  readonly newName: string;
}
export interface SetSchema extends Node {
  readonly kind: 'set_schema';
  readonly objectType: ObjectType;
  readonly ifExists: boolean;
  readonly object: ObjectName;
  readonly schema: string;
}
export interface AlterOwner extends Node {
  readonly kind: 'alter_owner';
  readonly objectType: ObjectType;
  readonly object: ObjectName;
  readonly owner: string;
}
/** A name, with argument types for functions, aggregates and procedures (null: not written), or a type's name. */
export interface ObjectName extends Node {
  readonly name: QualifiedName;
  readonly parameters: readonly FunctionParameter[] | null;
  /** aggregate (*) */
  readonly star: boolean;
  readonly type: TypeName | null;
  /** TRIGGER, RULE, POLICY, CONSTRAINT .. ON table */
  readonly on: QualifiedName | null;
}
export interface Drop extends Node {
  readonly kind: 'drop';
  readonly objectType: ObjectType;
  readonly ifExists: boolean;
  readonly concurrently: boolean;
  readonly objects: readonly ObjectName[];
  readonly cascade: boolean;
  /** DROP DATABASE .. WITH (FORCE) */
  readonly force: boolean;
}
/** COMMENT ON column: object is the relation and `part` the column. */
export interface CommentOn extends Node {
  readonly kind: 'comment';
  readonly objectType: ObjectType;
  readonly object: ObjectName;
  readonly part: string | null;
  readonly comment: string | null;
}
export interface GrantPrivileges extends Node {
  readonly kind: 'grant_privileges';
  readonly grant: boolean;
  /** [] is ALL; words in lower case */
  readonly privileges: readonly { readonly privilege: string; readonly columns: readonly string[] }[];
  readonly objectType: ObjectType;
  /** ON ALL TABLES IN SCHEMA: the names are schemas */
  readonly allInSchema: boolean;
  readonly objects: readonly ObjectName[];
  readonly grantees: readonly string[];
  /** WITH GRANT OPTION, or REVOKE GRANT OPTION FOR */
  readonly grantOption: boolean;
  readonly grantedBy: string | null;
  readonly cascade: boolean;
}
export interface GrantRole extends Node {
  readonly kind: 'grant_role';
  readonly grant: boolean;
  readonly roles: readonly string[];
  readonly grantees: readonly string[];
  readonly options: readonly Option[];
  readonly grantedBy: string | null;
  readonly cascade: boolean;
}
