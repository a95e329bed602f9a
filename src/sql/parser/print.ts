// The door of the printer: a syntax tree to canonical SQL, for stored view definitions, pg_get_viewdef and the parser's
// oracle. parse(print(tree)) is the same tree but for positions.
import type { Statement } from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';
import { printAlter } from './print-alter.ts';
import { printCreate } from './print-create.ts';
import { printTypeName } from './print-definition.ts';
import { printQualifiedName } from './print-name.ts';
import { printData, printExpression } from './print-query.ts';
import { printUtility } from './print-utility.ts';

export { printExpression };

export function printType(type: TypeName): string {
  return printTypeName(type);
}

export function printStatement(s: Statement): string {
  switch (s.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return printData(s);
    case 'create_table':
    case 'create_table_as':
    case 'create_stream':
    case 'create_view':
    case 'create_materialized_view':
    case 'create_sink':
    case 'create_subscription':
    case 'create_schema':
    case 'create_index':
    case 'create_sequence':
    case 'create_enum':
    case 'create_composite_type':
    case 'create_domain':
    case 'create_database':
    case 'create_role':
    case 'create_extension':
    case 'create_function':
    case 'create_aggregate':
      return printCreate(s, printStatement);
    case 'alter_materialized_view_state': {
      const name = `${s.ifExists ? 'IF EXISTS ' : ''}${printQualifiedName(s.name)}`;
      return `ALTER ${s.objectType.toUpperCase()} ${name} ${s.action.toUpperCase()}`;
    }
    case 'alter_relation':
    case 'alter_sequence':
    case 'alter_enum':
    case 'alter_role':
    case 'alter_system':
    case 'alter_object_options':
    case 'rename':
    case 'set_schema':
    case 'alter_owner':
    case 'drop':
    case 'comment':
    case 'grant_privileges':
    case 'grant_role':
      return printAlter(s);
    default:
      return printUtility(s, printStatement);
  }
}
