// The eight tables that the queries of queries.ts read, like those of TPC-H in shape, sizes, keys and the distributions that the queries
// depend on; seeded, so every run has the same rows. Scale factor 1 is six million lineitems.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../src/testing/seeded-random.ts';

export const TABLES: Readonly<Record<string, string>> = {
  region: 'r_regionkey int NOT NULL, r_name text NOT NULL',
  nation: 'n_nationkey int NOT NULL, n_name text NOT NULL, n_regionkey int NOT NULL',
  supplier: `s_suppkey int NOT NULL, s_name text NOT NULL, s_address text NOT NULL, s_nationkey int NOT NULL,
    s_phone text NOT NULL, s_acctbal numeric(12,2) NOT NULL, s_comment text NOT NULL`,
  customer: `c_custkey int NOT NULL, c_name text NOT NULL, c_address text NOT NULL, c_nationkey int NOT NULL,
    c_phone text NOT NULL, c_acctbal numeric(12,2) NOT NULL, c_mktsegment text NOT NULL, c_comment text NOT NULL`,
  part: `p_partkey int NOT NULL, p_name text NOT NULL, p_mfgr text NOT NULL, p_brand text NOT NULL, p_type text NOT NULL,
    p_size int NOT NULL, p_container text NOT NULL, p_retailprice numeric(12,2) NOT NULL`,
  partsupp:
    'ps_partkey int NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL, ps_supplycost numeric(12,2) NOT NULL',
  orders: `o_orderkey int NOT NULL, o_custkey int NOT NULL, o_orderstatus text NOT NULL, o_totalprice numeric(12,2) NOT NULL,
    o_orderdate date NOT NULL, o_orderpriority text NOT NULL, o_shippriority int NOT NULL, o_comment text NOT NULL`,
  lineitem: `l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL,
    l_quantity numeric(12,2) NOT NULL, l_extendedprice numeric(12,2) NOT NULL, l_discount numeric(12,2) NOT NULL,
    l_tax numeric(12,2) NOT NULL, l_returnflag text NOT NULL, l_linestatus text NOT NULL, l_shipdate date NOT NULL,
    l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct text NOT NULL, l_shipmode text NOT NULL`,
};

const list = (text: string): readonly string[] => text.split(',');
const REGIONS = list('AFRICA,AMERICA,ASIA,EUROPE,MIDDLE EAST');
const NATIONS = list(
  'ALGERIA,ARGENTINA,BRAZIL,CANADA,EGYPT,ETHIOPIA,FRANCE,GERMANY,INDIA,INDONESIA,IRAN,IRAQ,JAPAN,JORDAN,KENYA,MOROCCO,MOZAMBIQUE,PERU,CHINA,ROMANIA,SAUDI ARABIA,VIETNAM,RUSSIA,UNITED KINGDOM,UNITED STATES',
);
const NATION_REGIONS = [0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1];
const SEGMENTS = list('AUTOMOBILE,BUILDING,FURNITURE,MACHINERY,HOUSEHOLD');
const PRIORITIES = list('1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW');
const INSTRUCTIONS = list('DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN');
const MODES = list('REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB');
const COLORS = list(
  'almond,azure,blue,chocolate,cornsilk,cream,forest,green,ivory,khaki,lemon,linen,maroon,navy,olive,peru,red,rose,sky,tan',
);
const FINISHES = list('STANDARD,SMALL,MEDIUM,LARGE,ECONOMY,PROMO');
const COATS = list('ANODIZED,BURNISHED,PLATED,POLISHED,BRUSHED');
const METALS = list('TIN,NICKEL,BRASS,STEEL,COPPER');
const SIZES = list('SM,LG,MED,JUMBO,WRAP');
const BOXES = list('CASE,BOX,BAG,JAR,PKG,PACK,CAN,DRUM');
const WORDS = list(
  'carefully,quickly,furiously,slyly,special,regular,final,pending,ironic,bold,even,silent,requests,deposits,accounts,packages,foxes,theodolites,Customer,Complaints',
);

const FIRST_DAY = Date.UTC(1992, 0, 1) / 86_400_000;
const ORDER_DAYS = 2406;
const day = (offset: number): string => new Date((FIRST_DAY + offset) * 86_400_000).toISOString().slice(0, 10);
const DAYS = Array.from({ length: ORDER_DAYS + 200 }, (_, i) => day(i));
const CURRENT = DAYS.indexOf('1995-06-17');
const BUFFERED = 1 << 20;

/** A CSV file written in large pieces. */
class CsvFile {
  private readonly descriptor: number;
  private text = '';

  constructor(path: string) {
    this.descriptor = openSync(path, 'w');
  }

  row(...fields: readonly (string | number)[]): void {
    this.text += `${fields.join(',')}\n`;
    if (this.text.length > BUFFERED) this.flush();
  }

  private flush(): void {
    writeSync(this.descriptor, this.text);
    this.text = '';
  }

  [Symbol.dispose](): void {
    this.flush();
    closeSync(this.descriptor);
  }
}

export interface TableFiles {
  path(table: string): string;
  remove(): void;
}

/** Writes all tables as CSV into a temporary folder. */
export function writeTables(scale: number): TableFiles {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-tpch-'));
  const path = (table: string) => join(directory, `${table}.csv`);
  const writer = new TableWriter(path, scale);
  writer.places();
  writer.suppliers();
  writer.customers();
  writer.parts();
  writer.orders();
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

class TableWriter {
  private readonly path: (table: string) => string;
  private readonly random = seededRandom(7);
  private readonly count: {
    readonly suppliers: number;
    readonly customers: number;
    readonly parts: number;
    readonly orders: number;
  };

  constructor(path: (table: string) => string, scale: number) {
    this.path = path;
    const of = (rows: number) => Math.max(10, Math.round(rows * scale));
    this.count = { suppliers: of(10_000), customers: of(150_000), parts: of(200_000), orders: of(1_500_000) };
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
  private pick(words: readonly string[]): string {
    return words[this.below(words.length)]!;
  }
  private comment(): string {
    return `${this.pick(WORDS)} ${this.pick(WORDS)} ${this.pick(WORDS)} ${this.pick(WORDS)}`;
  }
  private money(from: number, to: number): string {
    return ((from + this.below(to - from)) / 100).toFixed(2);
  }
  private phone(nation: number): string {
    return `${10 + nation}-${100 + this.below(900)}-${100 + this.below(900)}-${1000 + this.below(9000)}`;
  }

  places(): void {
    using region = new CsvFile(this.path('region'));
    using nation = new CsvFile(this.path('nation'));
    REGIONS.forEach((name, key) => {
      region.row(key, name);
    });
    NATIONS.forEach((name, key) => {
      nation.row(key, name, NATION_REGIONS[key]!);
    });
  }

  suppliers(): void {
    using file = new CsvFile(this.path('supplier'));
    for (let key = 1; key <= this.count.suppliers; key++) {
      const nation = this.below(25);
      file.row(
        key,
        `Supplier#${key}`,
        `street ${this.below(1e6)}`,
        nation,
        this.phone(nation),
        this.money(-99_999, 999_999),
        this.comment(),
      );
    }
  }

  customers(): void {
    using file = new CsvFile(this.path('customer'));
    for (let key = 1; key <= this.count.customers; key++) {
      const nation = this.below(25);
      const balance = this.money(-99_999, 999_999);
      file.row(
        key,
        `Customer#${key}`,
        `street ${this.below(1e6)}`,
        nation,
        this.phone(nation),
        balance,
        this.pick(SEGMENTS),
        this.comment(),
      );
    }
  }

  parts(): void {
    using part = new CsvFile(this.path('part'));
    using partsupp = new CsvFile(this.path('partsupp'));
    for (let key = 1; key <= this.count.parts; key++) {
      const maker = 1 + this.below(5);
      const name = `${this.pick(COLORS)} ${this.pick(COLORS)} ${this.pick(COLORS)}`;
      const type = `${this.pick(FINISHES)} ${this.pick(COATS)} ${this.pick(METALS)}`;
      const container = `${this.pick(SIZES)} ${this.pick(BOXES)}`;
      const brand = `Brand#${maker}${1 + this.below(5)}`;
      part.row(
        key,
        name,
        `Manufacturer#${maker}`,
        brand,
        type,
        1 + this.below(50),
        container,
        this.price(key).toFixed(2),
      );
      for (let i = 0; i < 4; i++)
        partsupp.row(key, this.supplierOf(key, i), 1 + this.below(9999), this.money(100, 100_000));
    }
  }

  private price(part: number): number {
    return (90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000)) / 100;
  }

  /** The i-th of the four suppliers of a part. */
  private supplierOf(part: number, i: number): number {
    const { suppliers } = this.count;
    return ((part + i * (Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers))) % suppliers) + 1;
  }

  orders(): void {
    using orders = new CsvFile(this.path('orders'));
    using lines = new CsvFile(this.path('lineitem'));
    for (let key = 1; key <= this.count.orders; key++) {
      const date = this.below(ORDER_DAYS);
      const { total, status } = this.lines(key, date, lines);
      // A third of the customers has no order.
      const customer = 1 + this.below(Math.floor(this.count.customers / 3)) * 3 + this.below(2);
      orders.row(
        key,
        Math.min(customer, this.count.customers),
        status,
        total.toFixed(2),
        DAYS[date]!,
        this.pick(PRIORITIES),
        0,
        this.comment(),
      );
    }
  }

  private lines(order: number, date: number, file: CsvFile): { total: number; status: string } {
    let total = 0;
    let open = 0;
    const count = 1 + this.below(7);
    for (let line = 1; line <= count; line++) {
      const part = 1 + this.below(this.count.parts);
      const quantity = 1 + this.below(50);
      const price = quantity * this.price(part);
      const ship = date + 1 + this.below(121);
      const receipt = ship + 1 + this.below(30);
      total += price;
      if (ship > CURRENT) open++;
      const flag = receipt > CURRENT ? 'N' : this.pick(['R', 'A']);
      const [status, commit] = [ship > CURRENT ? 'O' : 'F', DAYS[date + 30 + this.below(61)]!];
      file.row(
        order,
        part,
        this.supplierOf(part, this.below(4)),
        line,
        quantity,
        price.toFixed(2),
        `0.0${this.below(10)}`,
        `0.0${this.below(9)}`,
        flag,
        status,
        DAYS[ship]!,
        commit,
        DAYS[receipt]!,
        this.pick(INSTRUCTIONS),
        this.pick(MODES),
      );
    }
    return { total, status: open === 0 ? 'F' : open === count ? 'O' : 'P' };
  }
}
