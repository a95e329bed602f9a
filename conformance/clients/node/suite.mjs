// Node's drivers and what stands on them against a Headrace server: postgres.js (pipelines, types, COPY, listen), knex, sequelize, drizzle:
// schema building, CRUD, relations, migrations, introspection. Argument: port. (`pg` itself is the client of the other suites.)
import assert from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { drizzle } from 'drizzle-orm/node-postgres';
import { and, count, desc, eq, gt, sql as raw } from 'drizzle-orm';
import { boolean, integer, jsonb, numeric, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core';
import knexOf from 'knex';
import pg from 'pg';
import postgres from 'postgres';
import { DataTypes, Op, QueryTypes, Sequelize } from 'sequelize';

const port = Number(process.argv[2]);
const where = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' };
let failed = false;
async function part(name, body) {
  try {
    await body();
  } catch (error) {
    failed = true;
    console.log(`FAILED ${name}: ${error.code ?? error.original?.code ?? ''} ${String(error.message).slice(0, 600)}`);
    console.log(String(error.stack).split('\n').filter((line) => line.includes('suite.mjs')).slice(0, 3).join('\n'));
  }
}

await part('postgres.js', async () => {
  const sql = postgres({ ...where, max: 3, onnotice() {} });
  await sql`CREATE TABLE pjs (id int PRIMARY KEY, name text, data jsonb, tags text[], at timestamptz, price numeric(8,2), raw bytea)`;
  const at = new Date('2024-05-01T12:30:00.123Z');
  await sql`INSERT INTO pjs ${sql({ id: 1, name: 'ü', data: { a: [1, null] }, tags: ['x', 'y,z'], at, price: '1.50', raw: Buffer.from([0, 255]) })}`;
  const [row] = await sql`SELECT * FROM pjs WHERE id = ${1}`;
  assert.deepEqual({ ...row, raw: [...row.raw] }, { id: 1, name: 'ü', data: { a: [1, null] }, tags: ['x', 'y,z'], at, price: '1.50', raw: [0, 255] });
  await sql`INSERT INTO pjs ${sql(Array.from({ length: 200 }, (_, i) => ({ id: i + 2, name: `n${i}` })))}`;
  const many = await Promise.all(Array.from({ length: 100 }, (_, i) => sql`SELECT name FROM pjs WHERE id = ${i + 2}`));
  assert.deepEqual(many.map(([{ name }]) => name), Array.from({ length: 100 }, (_, i) => `n${i}`));
  const ids = await sql`SELECT id FROM pjs WHERE id = ANY(${[1, 2, 3]}) AND name IN ${sql(['n0', 'n1'])} ORDER BY id`;
  assert.deepEqual(ids.map(({ id }) => id), [2, 3]);
  await assert.rejects(sql.begin(async (t) => { await t`DELETE FROM pjs`; await t.savepoint((s) => s`SELECT 1`); throw new Error('undo'); }), /undo/);
  await assert.rejects(sql`INSERT INTO pjs (id) VALUES (1)`, { code: '23505', constraint_name: 'pjs_pkey', table_name: 'pjs' });
  let seen = 0;
  for await (const rows of sql`SELECT * FROM generate_series(1, 1000) g`.cursor(100)) seen += rows.length;
  assert.equal(seen, 1000);
  await pipeline(Readable.from(Array.from({ length: 500 }, (_, i) => `${1000 + i}\tcopied ${i}\n`)), await sql`COPY pjs (id, name) FROM STDIN`.writable());
  const chunks = [];
  for await (const chunk of await sql`COPY (SELECT id FROM pjs WHERE id >= 1498 ORDER BY id) TO STDOUT`.readable()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), '1498\n1499\n');
  const described = await sql`SELECT id, price FROM pjs WHERE name = ${'x'}`.describe();
  assert.deepEqual(described.columns.map((column) => column.type), [23, 1700]);
  const heard = new Promise((resolve) => sql.listen('pjs_news', resolve).then(() => sql.notify('pjs_news', 'hello')));
  assert.equal(await heard, 'hello');
  const slow = sql`SELECT count(*) FROM generate_series(1, 2000000000) g WHERE g % 3 = 1`;
  setTimeout(() => slow.cancel(), 200);
  await assert.rejects(slow, { code: '57014' });
  const simple = await sql`SELECT 1 AS a; SELECT 2 AS b`.simple();
  assert.deepEqual(simple.map(([r]) => r), [{ a: 1 }, { b: 2 }]);
  await sql.end();
});

await part('subscription through pg', async () => {
  const [reader, writer] = [new pg.Client(where), new pg.Client(where)];
  await Promise.all([reader.connect(), writer.connect()]);
  await writer.query('CREATE STREAM node_events (k int); CREATE MATERIALIZED VIEW node_counts AS SELECT k, count(*) AS n FROM node_events GROUP BY k');
  await reader.query('BEGIN; DECLARE pushed CURSOR FOR SUBSCRIBE node_counts');
  await writer.query('INSERT INTO node_events VALUES (1), (1), (2)');
  const { rows } = await reader.query("FETCH 10 pushed WITH (timeout = '2s')");
  assert.deepEqual(rows.map(({ _diff, k, n }) => [Number(_diff), k, n]).sort(), [[1, 1, '2'], [1, 2, '1']]);
  await reader.end();
  await writer.end();
});

await part('knex', async () => {
  const knex = knexOf({ client: 'pg', connection: where, pool: { min: 0, max: 2 } });
  await knex.schema.createTable('knex_users', (t) => {
    t.increments('id');
    t.string('email', 100).notNullable().unique();
    t.decimal('balance', 10, 2).defaultTo(0);
    t.jsonb('profile');
    t.boolean('active').defaultTo(true);
    t.timestamp('created_at', { useTz: true }).defaultTo(knex.fn.now());
    t.index(['active', 'email']);
  });
  assert.equal(await knex.schema.hasTable('knex_users'), true);
  assert.equal(await knex.schema.hasColumn('knex_users', 'balance'), true);
  const info = await knex('knex_users').columnInfo();
  assert.deepEqual([info.email.type, info.email.maxLength, info.id.nullable, info.active.type], ['character varying', 100, false, 'boolean']);
  const inserted = await knex('knex_users').insert([{ email: 'a@x', profile: { n: 1 } }, { email: 'b@x', balance: 5 }]).returning(['id', 'email']);
  assert.deepEqual(inserted, [{ id: 1, email: 'a@x' }, { id: 2, email: 'b@x' }]);
  await knex('knex_users').insert({ email: 'a@x', balance: 7 }).onConflict('email').merge(['balance']);
  assert.equal((await knex('knex_users').where({ email: 'a@x' }).first()).balance, '7.00');
  await knex('knex_users').where('id', 2).increment('balance', 3);
  const [{ sum }] = await knex('knex_users').sum('balance');
  assert.equal(sum, '15.00');
  await assert.rejects(knex.transaction(async (t) => { await t('knex_users').del(); throw new Error('undo'); }), /undo/);
  assert.equal((await knex('knex_users').whereRaw("profile->>'n' = ?", ['1'])).length, 1);
  await knex.schema.alterTable('knex_users', (t) => { t.integer('age').defaultTo(18); t.renameColumn('active', 'enabled'); });
  assert.deepEqual((await knex('knex_users').pluck('age')), [18, 18]);
  await knex.schema.alterTable('knex_users', (t) => { t.dropColumn('age'); });
  await knex.migrate.latest({ migrationSource: { getMigrations: async () => ['one'], getMigrationName: (n) => n, getMigration: async () => ({ up: (k) => k.schema.createTable('migrated', (t) => t.uuid('id').primary()), down: (k) => k.schema.dropTable('migrated') }) } });
  assert.equal(await knex.schema.hasTable('migrated'), true);
  const streamed = [];
  for await (const row of knex('knex_users').select('id').orderBy('id').stream()) streamed.push(row.id);
  assert.deepEqual(streamed, [1, 2]);
  await knex.destroy();
});

await part('sequelize', async () => {
  const db = new Sequelize('postgres', 'postgres', '', { host: where.host, port, dialect: 'postgres', logging: false });
  await db.authenticate();
  const Author = db.define('author', { name: { type: DataTypes.STRING, allowNull: false, unique: true }, born: DataTypes.DATEONLY, tags: DataTypes.ARRAY(DataTypes.TEXT), extra: DataTypes.JSONB });
  const Book = db.define('book', { title: DataTypes.TEXT, price: DataTypes.DECIMAL(8, 2) });
  Author.hasMany(Book);
  Book.belongsTo(Author);
  await db.sync();
  const author = await Author.create({ name: 'A', born: '1950-01-02', tags: ['x', 'y'], extra: { a: 1 }, books: [{ title: 'one', price: 1.5 }, { title: 'two', price: 2.5 }] }, { include: [Book] });
  const found = await Author.findOne({ where: { name: { [Op.like]: 'A%' } }, include: [Book], order: [[Book, 'title', 'ASC']] });
  assert.deepEqual([found.born, found.tags, found.extra, found.books.map(({ title }) => title)], ['1950-01-02', ['x', 'y'], { a: 1 }, ['one', 'two']]);
  assert.equal(await Book.sum('price'), 4);
  const [, created] = await Author.upsert({ id: author.id, name: 'A', born: '1951-01-01' });
  assert.ok(created === null || typeof created === 'boolean');
  await assert.rejects(Author.create({ name: 'A' }), { name: 'SequelizeUniqueConstraintError' });
  await assert.rejects(db.transaction(async (transaction) => { await Book.destroy({ where: {}, transaction }); throw new Error('undo'); }), /undo/);
  assert.equal(await Book.count(), 2);
  const described = await db.getQueryInterface().describeTable('authors');
  assert.equal(described.id.primaryKey, true);
  assert.equal(described.name.allowNull, false);
  const tables = await db.getQueryInterface().showAllTables();
  assert.ok(tables.includes('authors') && tables.includes('books'));
  const rows = await db.query('SELECT count(*)::int AS n FROM books WHERE price > :least', { replacements: { least: 2 }, type: QueryTypes.SELECT });
  assert.deepEqual(rows, [{ n: 1 }]);
  await db.close();
});

await part('drizzle', async () => {
  const pool = new pg.Pool({ ...where, max: 2 });
  const db = drizzle(pool);
  await db.execute(raw`CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, stock integer DEFAULT 0, price numeric(8,2), info jsonb, listed boolean, at timestamptz DEFAULT now())`);
  const items = pgTable('items', { id: serial('id').primaryKey(), name: text('name').notNull(), stock: integer('stock').default(0), price: numeric('price', { precision: 8, scale: 2 }), info: jsonb('info'), listed: boolean('listed'), at: timestamp('at', { withTimezone: true }).defaultNow() });
  const inserted = await db.insert(items).values([{ name: 'nut', price: '0.05', info: { m: 3 } }, { name: 'bolt', stock: 4, listed: true }]).returning();
  assert.deepEqual(inserted.map(({ id, name, stock }) => [id, name, stock]), [[1, 'nut', 0], [2, 'bolt', 4]]);
  await db.insert(items).values({ id: 1, name: 'nut' }).onConflictDoUpdate({ target: items.id, set: { stock: raw`${items.stock} + 10` } });
  const rows = await db.select({ name: items.name, stock: items.stock }).from(items).where(and(gt(items.stock, 1), eq(items.name, 'nut'))).orderBy(desc(items.id));
  assert.deepEqual(rows, [{ name: 'nut', stock: 10 }]);
  const grouped = await db.select({ listed: items.listed, n: count() }).from(items).groupBy(items.listed).orderBy(items.listed);
  assert.deepEqual(grouped, [{ listed: true, n: 1 }, { listed: null, n: 1 }]);
  await assert.rejects(db.transaction(async (t) => { await t.delete(items); throw new Error('undo'); }), /undo/);
  const prepared = db.select().from(items).where(eq(items.id, raw.placeholder('id'))).prepare('one_item');
  assert.equal((await prepared.execute({ id: 2 }))[0].name, 'bolt');
  assert.equal((await db.update(items).set({ listed: false }).where(eq(items.id, 1)).returning({ listed: items.listed }))[0].listed, false);
  await pool.end();
});

if (failed) process.exit(1);
console.log('Node: postgres.js, knex, sequelize, drizzle and subscriptions through pg work');
process.exit(0);
