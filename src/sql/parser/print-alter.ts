// Printing ALTER, DROP, COMMENT, GRANT and REVOKE.
import type {
  AlterAction,
  AlterStatement,
  GrantPrivileges,
  GrantRole,
  ObjectName,
  ObjectType,
  SettingChange,
} from '../ast-alter.ts';
import type { Option } from '../ast-definition.ts';
import {
  printColumnDefinition,
  printIdentity,
  printParameters,
  printPartitionBound,
  printSequenceOption,
  printSettingText,
  printTableConstraint,
  printTypeName,
} from './print-definition.ts';
import {
  join,
  printColumns,
  printName,
  printOptionList,
  printOptionValue,
  printParts,
  printQualifiedName,
  printString,
} from './print-name.ts';
import { printExpression } from './print-query.ts';

export function printAlter(s: AlterStatement): string {
  switch (s.kind) {
    case 'alter_relation': {
      const head = `ALTER ${s.objectType.toUpperCase()} ${s.ifExists ? 'IF EXISTS ' : ''}${s.only ? 'ONLY ' : ''}`;
      return `${head}${printQualifiedName(s.name)} ${s.actions.map(printAction).join(', ')}`;
    }
    case 'alter_sequence': {
      const head = `ALTER SEQUENCE ${s.ifExists ? 'IF EXISTS ' : ''}${printQualifiedName(s.name)}`;
      return join(head, ...s.options.map(printSequenceOption));
    }
    case 'alter_enum':
      return `ALTER TYPE ${printQualifiedName(s.name)} ${printEnumAction(s.action)}`;
    case 'alter_role':
      return join(
        `ALTER ${s.word.toUpperCase()} ${s.name === null ? 'ALL' : printRole(s.name)}`,
        s.inDatabase && `IN DATABASE ${printName(s.inDatabase)}`,
        s.setting && printSettingChange(s.setting),
        ...s.options.map(printRoleOption),
      );
    case 'alter_system':
      return `ALTER SYSTEM ${printSettingChange(s.setting)}`;
    case 'alter_object_options': {
      const head = `ALTER ${s.objectType.toUpperCase()} ${printQualifiedName(s.name)}`;
      if (s.setting !== null) return `${head} ${printSettingChange(s.setting)}`;
      if (s.objectType !== 'database') return `${head} SET (${printOptionList(s.options)})`;
      return join(head, ...s.options.map(printDatabaseOption));
    }
    default:
      return printObjectStatement(s);
  }
}

type ObjectStatement = Extract<
  AlterStatement,
  { kind: 'rename' | 'set_schema' | 'alter_owner' | 'drop' | 'comment' | 'grant_privileges' | 'grant_role' }
>;

function printObjectStatement(s: ObjectStatement): string {
  switch (s.kind) {
    case 'rename': {
      const part = s.part === null ? '' : ` ${s.objectType.toUpperCase()} ${printName(s.part)}`;
      const type = s.relationType ?? s.objectType;
      const head = `ALTER ${type.toUpperCase()} ${s.ifExists ? 'IF EXISTS ' : ''}${printObject(s.object, type)}`;
      return `${head} RENAME${part} TO ${printName(s.newName)}`;
    }
    case 'set_schema': {
      const head = `ALTER ${s.objectType.toUpperCase()} ${s.ifExists ? 'IF EXISTS ' : ''}`;
      return `${head}${printObject(s.object, s.objectType)} SET SCHEMA ${printName(s.schema)}`;
    }
    case 'alter_owner': {
      const object = printObject(s.object, s.objectType);
      return `ALTER ${s.objectType.toUpperCase()} ${object} OWNER TO ${printRole(s.owner)}`;
    }
    case 'drop':
      return join(
        `DROP ${s.objectType.toUpperCase()}`,
        s.concurrently && 'CONCURRENTLY',
        s.ifExists && 'IF EXISTS',
        s.objects.map((object) => printObject(object, s.objectType)).join(', '),
        s.cascade && 'CASCADE',
        s.force && 'WITH (FORCE)',
      );
    case 'comment':
      return `COMMENT ON ${printCommented(s)} IS ${s.comment === null ? 'NULL' : printString(s.comment)}`;
    case 'grant_privileges':
      return printGrant(s);
    case 'grant_role':
      return printGrantRole(s);
  }
}

function printCommented(s: Extract<AlterStatement, { kind: 'comment' }>): string {
  const { objectType, object, part } = s;
  if (part === null) return `${objectType.toUpperCase()} ${printObject(object, objectType)}`;
  const name = printQualifiedName(object.name);
  if (objectType === 'column') return `COLUMN ${name}.${printName(part)}`;
  return `CONSTRAINT ${printName(part)} ON ${objectType === 'domain constraint' ? 'DOMAIN ' : ''}${name}`;
}

function printObject(object: ObjectName, type: ObjectType): string {
  if (object.type !== null) return printTypeName(object.type);
  const name = type === 'role' ? printRole(object.name.parts[0]!) : printQualifiedName(object.name);
  if (object.on !== null) return `${name} ON ${printQualifiedName(object.on)}`;
  if (object.star) return `${name}(*)`;
  return object.parameters === null ? name : `${name}(${printParameters(object.parameters)})`;
}

const ROLE_WORDS: ReadonlySet<string> = new Set(['current_user', 'session_user', 'current_role']);

export function printRole(name: string): string {
  return ROLE_WORDS.has(name) ? name : printName(name);
}

function printEnumAction(action: Extract<AlterStatement, { kind: 'alter_enum' }>['action']): string {
  if (action.kind === 'rename_value') return `RENAME VALUE ${printString(action.from)} TO ${printString(action.to)}`;
  const place = action.place === null ? '' : ` ${action.place.toUpperCase()} ${printString(action.neighbour ?? '')}`;
  return `ADD VALUE ${action.ifNotExists ? 'IF NOT EXISTS ' : ''}${printString(action.value)}${place}`;
}

function printSettingChange({ name, values }: SettingChange): string {
  if (values !== null) return `SET ${printParts(name.split('.'))} TO ${values.map(printSettingText).join(', ')}`;
  return name === 'all' ? 'RESET ALL' : `RESET ${printParts(name.split('.'))}`;
}

function printDatabaseOption(option: Option): string {
  const name = option.name === 'connection_limit' ? 'CONNECTION LIMIT' : printName(option.name);
  const value = option.value === null ? 'DEFAULT' : printOptionValue(option.value);
  return option.name === 'tablespace' ? `SET TABLESPACE ${value}` : `${name} ${value}`;
}

/** An option of CREATE or ALTER ROLE. */
export function printRoleOption({ name, value }: Option): string {
  const items = value?.kind === 'list' ? value.items.map(printRole).join(', ') : '';
  switch (name) {
    case 'password':
      return `PASSWORD ${value === null ? 'NULL' : printOptionValue(value)}`;
    case 'connectionlimit':
      return `CONNECTION LIMIT ${value === null ? '' : printOptionValue(value)}`;
    case 'validuntil':
      return `VALID UNTIL ${value === null ? '' : printOptionValue(value)}`;
    case 'sysid':
      return `SYSID ${value === null ? '' : printOptionValue(value)}`;
    case 'inrole':
      return `IN ROLE ${items}`;
    default:
      return value === null ? name.toUpperCase() : `${name.toUpperCase()} ${items}`;
  }
}

function printAction(action: AlterAction): string {
  switch (action.kind) {
    case 'add_column':
      return `ADD COLUMN ${action.ifNotExists ? 'IF NOT EXISTS ' : ''}${printColumnDefinition(action.column)}`;
    case 'drop_column': {
      const cascade = action.cascade ? ' CASCADE' : '';
      return `DROP COLUMN ${action.ifExists ? 'IF EXISTS ' : ''}${printName(action.column)}${cascade}`;
    }
    case 'add_constraint':
      return `ADD ${printTableConstraint(action.constraint)}`;
    case 'drop_constraint': {
      const cascade = action.cascade ? ' CASCADE' : '';
      return `DROP CONSTRAINT ${action.ifExists ? 'IF EXISTS ' : ''}${printName(action.constraint)}${cascade}`;
    }
    case 'validate_constraint':
      return `VALIDATE CONSTRAINT ${printName(action.constraint)}`;
    case 'set_options':
      return `SET (${printOptionList(action.options)})`;
    case 'reset_options':
      return `RESET (${printOptionList(action.options)})`;
    case 'owner_to':
      return `OWNER TO ${printRole(action.owner)}`;
    case 'inherit':
      return `INHERIT ${printQualifiedName(action.parent)}`;
    case 'no_inherit':
      return `NO INHERIT ${printQualifiedName(action.parent)}`;
    case 'attach_partition':
      return `ATTACH PARTITION ${printQualifiedName(action.partition)} ${printPartitionBound(action.bound)}`;
    case 'detach_partition':
      return `DETACH PARTITION ${printQualifiedName(action.partition)}${action.concurrently ? ' CONCURRENTLY' : ''}`;
    case 'other':
      return action.words;
    default:
      return `ALTER COLUMN ${printName(action.column)} ${printColumnAction(action)}`;
  }
}

type ColumnAction = Extract<
  AlterAction,
  {
    kind:
      | 'alter_type'
      | 'set_default'
      | 'set_not_null'
      | 'drop_not_null'
      | 'drop_expression'
      | 'drop_identity'
      | 'add_identity'
      | 'set_identity'
      | 'set_statistics'
      | 'set_storage'
      | 'set_compression';
  }
>;

function printColumnAction(action: ColumnAction): string {
  switch (action.kind) {
    case 'alter_type': {
      const collation = action.collation.length === 0 ? '' : ` COLLATE ${printParts(action.collation)}`;
      const using = action.using === null ? '' : ` USING ${printExpression(action.using)}`;
      return `TYPE ${printTypeName(action.type)}${collation}${using}`;
    }
    case 'set_default':
      return action.expression === null ? 'DROP DEFAULT' : `SET DEFAULT ${printExpression(action.expression)}`;
    case 'set_not_null':
      return 'SET NOT NULL';
    case 'drop_not_null':
      return 'DROP NOT NULL';
    case 'drop_expression':
      return `DROP EXPRESSION${action.ifExists ? ' IF EXISTS' : ''}`;
    case 'drop_identity':
      return `DROP IDENTITY${action.ifExists ? ' IF EXISTS' : ''}`;
    case 'add_identity':
      return `ADD ${printIdentity(action.always, action.options)}`;
    case 'set_identity':
      return join(
        action.always !== null && `SET GENERATED ${action.always ? 'ALWAYS' : 'BY DEFAULT'}`,
        ...action.options.map((o) => (o.kind === 'restart' ? '' : 'SET ') + printSequenceOption(o)),
      );
    case 'set_statistics':
      return `SET STATISTICS ${action.value}`;
    case 'set_storage':
      return `SET STORAGE ${action.value === 'default' ? 'DEFAULT' : printName(action.value)}`;
    case 'set_compression':
      return `SET COMPRESSION ${action.value === 'default' ? 'DEFAULT' : printName(action.value)}`;
  }
}

function printGrant(s: GrantPrivileges): string {
  const privileges =
    s.privileges.length === 0
      ? 'ALL'
      : s.privileges.map((p) => `${printPrivilege(p.privilege)}${printColumns(p.columns)}`).join(', ');
  const type = s.objectType.toUpperCase();
  const objects = s.objects.map((object) => printObject(object, s.allInSchema ? 'schema' : s.objectType)).join(', ');
  return join(
    s.grant ? 'GRANT' : 'REVOKE',
    !s.grant && s.grantOption && 'GRANT OPTION FOR',
    privileges,
    s.allInSchema ? `ON ALL ${type}S IN SCHEMA ${objects}` : `ON ${type} ${objects}`,
    `${s.grant ? 'TO' : 'FROM'} ${s.grantees.map(printRole).join(', ')}`,
    s.grant && s.grantOption && 'WITH GRANT OPTION',
    s.grantedBy && `GRANTED BY ${printRole(s.grantedBy)}`,
    s.cascade && 'CASCADE',
  );
}

const PRIVILEGE_WORDS: ReadonlySet<string> = new Set(['all', 'select', 'references', 'create', 'alter system']);

function printPrivilege(privilege: string): string {
  return PRIVILEGE_WORDS.has(privilege) ? privilege.toUpperCase() : printName(privilege);
}

function printGrantRole(s: GrantRole): string {
  const options = s.options.map((o) => join(o.name.toUpperCase(), o.value && printOptionValue(o.value).toUpperCase()));
  return join(
    s.grant ? 'GRANT' : 'REVOKE',
    !s.grant && options.length > 0 && `${options.join(', ')} OPTION FOR`,
    s.roles.map(printName).join(', '),
    `${s.grant ? 'TO' : 'FROM'} ${s.grantees.map(printRole).join(', ')}`,
    s.grant && options.length > 0 && `WITH ${options.join(', ')}`,
    s.grantedBy && `GRANTED BY ${printRole(s.grantedBy)}`,
    s.cascade && 'CASCADE',
  );
}
