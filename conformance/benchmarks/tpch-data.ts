// A generator of tables like those of TPC-H (orders, lineitem) with the distributions that the measured queries depend on; seeded, so
// every run has the same rows. Scale factor 1 is 1.5 million orders and about 6 million lineitems.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TpchFiles {
  readonly orders: string;
  readonly lineitem: string;
  remove(): void;
}

export const TPCH_TABLES = [
  `CREATE TABLE orders (o_orderkey int NOT NULL, o_custkey int NOT NULL, o_totalprice numeric(12,2) NOT NULL,
     o_orderdate date NOT NULL, o_orderpriority text NOT NULL)`,
  `CREATE TABLE lineitem (l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL,
     l_quantity numeric(12,2) NOT NULL, l_extendedprice numeric(12,2) NOT NULL, l_discount numeric(12,2) NOT NULL,
     l_tax numeric(12,2) NOT NULL, l_returnflag text NOT NULL, l_linestatus text NOT NULL, l_shipdate date NOT NULL,
     l_comment text NOT NULL)`,
] as const;

const WORDS =
  'carefully quickly furiously slyly blithely express special regular final pending ironic bold even silent requests deposits accounts packages foxes theodolites instructions platelets pinto beans asymptotes dependencies ideas'.split(
    ' ',
  );
const PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'];
const FIRST_DAY = Date.UTC(1992, 0, 1) / 86_400_000;
const DAYS = 2406;
const DATES = Array.from({ length: DAYS + 130 }, (_, i) =>
  new Date((FIRST_DAY + i) * 86_400_000).toISOString().slice(0, 10),
);
const CURRENT = DATES.indexOf('1995-06-17');
const BUFFERED = 1 << 20;

/** A file written in large pieces. */
class TextFile {
  readonly path: string;
  private readonly descriptor: number;
  private text = '';

  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, 'w');
  }

  write(line: string): void {
    this.text += line;
    if (this.text.length > BUFFERED) this.flush();
  }

  private flush(): void {
    writeSync(this.descriptor, this.text);
    this.text = '';
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }
}

function cents(value: number): string {
  return (value / 100).toFixed(2);
}

/** Writes both tables as CSV files into a temporary folder. */
export function writeTpchFiles(scale: number): TpchFiles {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-bench-'));
  const orders = new TextFile(join(directory, 'orders.csv'));
  const lineitem = new TextFile(join(directory, 'lineitem.csv'));
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
  const word = () => WORDS[below(WORDS.length)]!;
  const parts = Math.round(200_000 * scale);
  for (let key = 1; key <= Math.round(1_500_000 * scale); key++) {
    const day = below(DAYS);
    let total = 0;
    for (let line = 1 + below(7); line > 0; line--) {
      const quantity = 1 + below(50);
      const part = 1 + below(parts);
      const price = quantity * (90_000 + ((part / 10) % 20_001) * 1 + 100 * (part % 1000));
      const ship = day + 1 + below(121);
      total += price;
      const status = ship > CURRENT ? 'O' : 'F';
      const flag = ship > CURRENT ? 'N' : below(2) === 0 ? 'R' : 'A';
      lineitem.write(
        `${key},${part},${1 + below(10_000 * scale)},${quantity}.00,${cents(price)},0.0${below(10)},0.0${below(9)},${flag},${status},${DATES[ship]},${word()} ${word()} ${word()} ${word()}\n`,
      );
    }
    orders.write(
      `${key},${1 + below(150_000 * scale)},${cents(total)},${DATES[day]},${PRIORITIES[below(PRIORITIES.length)]}\n`,
    );
  }
  orders.close();
  lineitem.close();
  return {
    orders: orders.path,
    lineitem: lineitem.path,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
