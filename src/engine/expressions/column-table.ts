// Calls of kernels that take any number of columns: ARRAY[...], and texts joined by || and concat. Where the columns lie goes into a
// table, {u32 data, u32 nulls} and perhaps {u32 form} for each, which the kernel gets as one more number.
import type { Batch, Vector } from '../../columns/batch.ts';
import { elementForm } from '../../columns/value-bytes.ts';
import type { ScalarBody } from '../../functions/function-definition.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import { ConstantNode } from './constant-node.ts';
import type { Node, Program } from './expression-context.ts';
import { KernelCallNode } from './kernel-call.ts';

class ColumnTableNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly args: readonly Node[];
  private readonly entryBytes: number;
  private readonly table: number;
  private readonly call: KernelCallNode;

  /** `forms`: the third number of each entry. */
  constructor(
    program: Program,
    type: SqlType,
    kernel: string,
    args: readonly Node[],
    { forms, parameters }: { readonly forms?: readonly number[]; readonly parameters: readonly number[] },
  ) {
    this.type = type;
    this.program = program;
    this.args = args;
    this.entryBytes = forms === undefined ? 8 : 12;
    this.table = program.context.region.allocate(Math.max(16, args.length * this.entryBytes));
    forms?.forEach((form, i) => {
      program.context.memory.u32[(this.table + i * this.entryBytes + 8) >>> 2] = form;
    });
    const numbers = [this.table, args.length, ...parameters];
    this.call = new KernelCallNode(program, { type, kernel, args: [], parameters: numbers, nullable: true });
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { u32 } = this.program.context.memory;
    const vectors = this.args.map((arg) => arg.evaluate(batch, selection, count));
    vectors.forEach((vector, i) => {
      const entry = (this.table + i * this.entryBytes) >>> 2;
      u32[entry] = vector.data;
      u32[entry + 1] = vector.nulls;
    });
    return this.call.evaluate(batch, selection, count);
  }
}

/** ARRAY[...] over elements of one type; null where their bytes are not what arrays hold. */
export function arrayOfColumns(program: Program, type: SqlType, elements: readonly Node[]): Node | null {
  const form = type.element === undefined ? undefined : elementForm(type.element);
  if (form === undefined || elements.length === 0) return null;
  return new ColumnTableNode(program, type, 'array_of', elements, { forms: elements.map(() => form), parameters: [] });
}

/** Texts and integers joined; null where a part becomes text in ways that a kernel does not know. */
export function joinedTexts(
  program: Program,
  body: Extract<ScalarBody, { kind: 'join' }>,
  args: readonly Node[],
): Node | null {
  const parts = args.map((arg) => textNode(program, arg));
  if (parts.length === 0 || !parts.every((part) => part !== null)) return null;
  const parameters = [Number(body.separated), Number(body.passOver)];
  return new ColumnTableNode(program, TEXT, 'join_texts', parts, { parameters });
}

function textNode(program: Program, node: Node): Node | null {
  if (node.constant?.value === null) return new ConstantNode(program, TEXT, null);
  switch (node.type.name) {
    case 'text':
    case 'varchar':
    case 'name':
      return node;
    case 'int2':
    case 'int4':
      return new KernelCallNode(program, { type: TEXT, kernel: 'cast_i32_view', args: [node] });
    case 'int8':
      return new KernelCallNode(program, { type: TEXT, kernel: 'cast_i64_view', args: [node] });
    default:
      return null;
  }
}
