// What a statement needs of its role: gathered while it is bound, from the names its text uses. Relations below a view are the
// view's owner's affair. Superusers are not asked.
import type { Relation } from '../catalog/objects.ts';
import type { QualifiedName } from '../sql/ast-definition.ts';
import type { BindTrace } from '../sql/binder/bind-context.ts';
import { denied, may, requireRelationPrivilege } from './privileges.ts';
import type { SessionState } from './session-state.ts';
import { findRelation } from './statements/resolve-names.ts';
import { eachNode } from './statements/stored-expressions.ts';

interface ChangeNode {
  readonly kind: 'insert' | 'update' | 'delete' | 'merge';
  readonly table: QualifiedName;
  readonly returning?: readonly unknown[];
  readonly onConflict?: { readonly action: string } | null;
}

const CHANGES = new Set(['insert', 'update', 'delete', 'merge']);

export class StatementPrivileges {
  private readonly state: SessionState;
  private readonly named = new Set<number>();
  private readonly read = new Set<number>();

  constructor(state: SessionState) {
    this.state = state;
  }

  /** Listens beside `other`. */
  trace(other: BindTrace | undefined): BindTrace {
    const listening = (beside: BindTrace | undefined): BindTrace => ({
      relation: (position, oid) => {
        this.named.add(oid);
        beside?.relation(position, oid);
      },
      column: (position, origin) => {
        this.read.add(origin.relation);
        beside?.column(position, origin);
      },
      star: (position, columns) => beside?.star(position, columns),
    });
    const bodies: BindTrace = {
      ...listening(undefined),
      get bodies() {
        return bodies;
      },
    };
    return { ...listening(other), bodies };
  }

  /** Throws 42501. `functions`: oids of the user functions it calls. */
  verify(statement: unknown, functions: readonly number[]): void {
    const { state } = this;
    const catalog = state.catalog();
    for (const oid of this.named) requireRelationPrivilege(state, catalog.relations.get(oid)!, 'SELECT');
    eachNode(statement, (node) => {
      if (CHANGES.has(node.kind ?? '')) this.verifyChange(node as unknown as ChangeNode);
    });
    for (const oid of functions) {
      const one = catalog.functions.get(oid);
      if (one !== undefined && !may(state, 'function', one, 'EXECUTE')) throw denied(`function ${one.name}`);
    }
  }

  private verifyChange({ kind, table, returning = [], onConflict = null }: ChangeNode): void {
    const relation: Relation | undefined = findRelation(this.state, table);
    if (relation === undefined) return;
    const needed = kind === 'merge' ? ['INSERT', 'UPDATE', 'DELETE'] : [kind.toUpperCase()];
    if (onConflict?.action === 'update') needed.push('UPDATE');
    // columns of a view that is changed are noted as those of the table below it
    const reads = this.read.has(relation.oid) || (relation.kind === 'view' && this.read.size > 0);
    if (returning.length > 0 || reads) needed.push('SELECT');
    for (const privilege of needed) requireRelationPrivilege(this.state, relation, privilege);
  }
}
