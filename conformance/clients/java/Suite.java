// pgjdbc against a Headrace server: values in text and binary, prepared statements that become named, batches, generated keys, COPY,
// cursors by fetch size, errors, savepoints, cancel and timeout, DatabaseMetaData, subscriptions, notifications. Argument: port.
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

public class Suite {
  static boolean failed = false;

  interface Part { void run() throws Exception; }

  static void part(String name, Part body) {
    try {
      body.run();
    } catch (Throwable error) {
      failed = true;
      System.out.println("FAILED " + name + ": " + error);
      StackTraceElement[] at = error.getStackTrace();
      for (StackTraceElement line : at) if (line.getClassName().startsWith("Suite")) { System.out.println("  at " + line); break; }
    }
  }

  static void same(Object got, Object wanted) {
    if (!Objects.deepEquals(got, wanted)) throw new AssertionError("got " + got + " instead of " + wanted);
  }

  static Connection connect(String port, String options) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres" + options);
  }

  static void values(Connection c) throws Exception {
    String sql = "SELECT ?::bool, ?::int2, ?::int4, ?::int8, ?::float4, ?::float8, ?::text, ?::bytea, ?::timestamptz, ?::date, ?::time, ?::numeric(10,2), ?::uuid, ?::int4[], ?::timestamp, ?::text";
    try (PreparedStatement s = c.prepareStatement(sql)) {
      OffsetDateTime at = OffsetDateTime.parse("2024-05-01T12:30:00.123456Z");
      UUID id = UUID.fromString("12345678-1234-5678-1234-567812345678");
      for (int round = 0; round < 7; round++) { // the fifth use prepares a named statement and turns to binary
        s.setBoolean(1, true); s.setShort(2, (short) -7); s.setInt(3, 70000); s.setLong(4, 1L << 40); s.setFloat(5, 1.5f); s.setDouble(6, 2.25);
        s.setString(7, "wheel ü"); s.setBytes(8, new byte[] {0, -1}); s.setObject(9, at); s.setObject(10, LocalDate.of(2024, 2, 29));
        s.setObject(11, LocalTime.of(1, 2, 3)); s.setBigDecimal(12, new BigDecimal("12.50")); s.setObject(13, id);
        s.setArray(14, c.createArrayOf("int4", new Integer[] {1, null, 3})); s.setObject(15, LocalDateTime.of(2024, 5, 1, 0, 0, 1)); s.setNull(16, Types.VARCHAR);
        try (ResultSet r = s.executeQuery()) {
          r.next();
          same(r.getBoolean(1), true); same(r.getShort(2), (short) -7); same(r.getInt(3), 70000); same(r.getLong(4), 1L << 40);
          same(r.getFloat(5), 1.5f); same(r.getDouble(6), 2.25); same(r.getString(7), "wheel ü"); same(r.getBytes(8), new byte[] {0, -1});
          same(r.getObject(9, OffsetDateTime.class).toInstant(), at.toInstant()); same(r.getObject(10, LocalDate.class), LocalDate.of(2024, 2, 29));
          same(r.getObject(11, LocalTime.class), LocalTime.of(1, 2, 3)); same(r.getBigDecimal(12), new BigDecimal("12.50")); same(r.getObject(13), id);
          same(r.getArray(14).getArray(), new Integer[] {1, null, 3}); same(r.getObject(15, LocalDateTime.class), LocalDateTime.of(2024, 5, 1, 0, 0, 1));
          same(r.getString(16), null); same(r.wasNull(), true);
        }
      }
    }
  }

  static void batches(Connection c) throws Exception {
    try (Statement s = c.createStatement()) { s.execute("CREATE TABLE jd (id serial PRIMARY KEY, name text NOT NULL, price numeric(10,2))"); }
    try (PreparedStatement s = c.prepareStatement("INSERT INTO jd (name, price) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
      for (int i = 0; i < 300; i++) { s.setString(1, "row " + i); s.setBigDecimal(2, BigDecimal.valueOf(i, 1)); s.addBatch(); }
      int[] counts = s.executeBatch();
      same(counts.length, 300);
      same(Arrays.stream(counts).sum(), 300);
      int keys = 0;
      try (ResultSet r = s.getGeneratedKeys()) { while (r.next()) same(r.getInt("id"), ++keys); }
      same(keys, 300);
    }
    try (PreparedStatement s = c.prepareStatement("INSERT INTO jd (id, name) VALUES (?, ?)")) {
      s.setInt(1, 1000); s.setString(2, "a"); s.addBatch();
      s.setInt(1, 1); s.setString(2, "double"); s.addBatch();
      try { s.executeBatch(); throw new AssertionError("no error"); } catch (BatchUpdateException error) {
        same(error.getSQLState(), "23505");
        PSQLException cause = (PSQLException) error.getCause();
        same(cause.getServerErrorMessage().getConstraint(), "jd_pkey");
      }
    }
  }

  static void copies(Connection c) throws Exception {
    PGConnection p = c.unwrap(PGConnection.class);
    StringBuilder lines = new StringBuilder();
    for (int i = 2000; i < 3000; i++) lines.append(i).append(",\"copied, ").append(i).append("\",\n");
    same(p.getCopyAPI().copyIn("COPY jd FROM STDIN (FORMAT csv)", new StringReader(lines.toString())), 1000L);
    StringWriter out = new StringWriter();
    p.getCopyAPI().copyOut("COPY (SELECT id FROM jd WHERE id >= 2000 ORDER BY id LIMIT 2) TO STDOUT", out);
    same(out.toString(), "2000\n2001\n");
  }

  static void cursors(Connection c) throws Exception {
    c.setAutoCommit(false);
    try (Statement s = c.createStatement()) {
      s.setFetchSize(70);
      int rows = 0;
      try (ResultSet r = s.executeQuery("SELECT * FROM generate_series(1, 1000) g")) { while (r.next()) same(r.getInt(1), ++rows); }
      same(rows, 1000);
    }
    Savepoint mark = c.setSavepoint("mark");
    try (Statement s = c.createStatement()) { s.executeUpdate("DELETE FROM jd"); }
    c.rollback(mark);
    try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT count(*) FROM jd")) { r.next(); same(r.getInt(1) > 1000, true); }
    c.rollback();
    c.setAutoCommit(true);
    try (Statement s = c.createStatement()) {
      s.setMaxRows(5);
      int rows = 0;
      try (ResultSet r = s.executeQuery("SELECT * FROM jd")) { while (r.next()) rows++; }
      same(rows, 5);
      s.setQueryTimeout(1);
      try { s.executeQuery("SELECT count(*) FROM generate_series(1, 2000000000) g WHERE g % 3 = 1"); throw new AssertionError("no timeout"); }
      catch (SQLException error) { same(error.getSQLState(), "57014"); }
    }
    c.setReadOnly(true);
    c.setAutoCommit(false); // the driver's read-only mode is one of transactions
    try (Statement s = c.createStatement()) { s.executeUpdate("DELETE FROM jd"); throw new AssertionError("read only"); }
    catch (SQLException error) { same(error.getSQLState(), "25006"); }
    c.rollback();
    c.setReadOnly(false);
    c.setAutoCommit(true);
    c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    same(c.getTransactionIsolation(), Connection.TRANSACTION_REPEATABLE_READ);
    c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
  }

  static List<String> column(ResultSet r, String name) throws SQLException {
    List<String> found = new ArrayList<>();
    while (r.next()) found.add(r.getString(name));
    r.close();
    return found;
  }

  static void metadata(Connection c) throws Exception {
    try (Statement s = c.createStatement()) {
      s.execute("CREATE TABLE jd_child (a int, b int, note varchar(20) DEFAULT 'n', PRIMARY KEY (b, a)); CREATE VIEW jd_view AS SELECT name FROM jd; COMMENT ON TABLE jd_child IS 'a child'; CREATE INDEX jd_name ON jd (name)");
    }
    DatabaseMetaData m = c.getMetaData();
    same(m.getDatabaseProductName(), "PostgreSQL");
    same(m.getDatabaseMajorVersion() >= 15, true);
    same(m.getUserName(), "postgres");
    same(column(m.getTables(null, "public", "jd%", new String[] {"TABLE"}), "TABLE_NAME"), List.of("jd", "jd_child"));
    same(column(m.getTables(null, "public", "jd%", new String[] {"VIEW"}), "TABLE_NAME"), List.of("jd_view"));
    same(column(m.getTables(null, "public", "jd_child", null), "REMARKS"), List.of("a child"));
    same(column(m.getColumns(null, "public", "jd_child", "%"), "COLUMN_NAME"), List.of("a", "b", "note"));
    same(column(m.getColumns(null, "public", "jd_child", "%"), "TYPE_NAME"), List.of("int4", "int4", "varchar"));
    same(column(m.getColumns(null, "public", "jd_child", "%"), "IS_NULLABLE"), List.of("NO", "NO", "YES"));
    same(column(m.getColumns(null, "public", "jd_child", "note"), "COLUMN_SIZE"), List.of("20"));
    same(column(m.getColumns(null, "public", "jd", "id"), "IS_AUTOINCREMENT"), List.of("YES"));
    same(column(m.getPrimaryKeys(null, "public", "jd_child"), "COLUMN_NAME"), List.of("b", "a"));
    same(column(m.getPrimaryKeys(null, "public", "jd_child"), "KEY_SEQ"), List.of("1", "2"));
    same(column(m.getIndexInfo(null, "public", "jd", false, false), "INDEX_NAME"), List.of("jd_pkey", "jd_name"));
    same(column(m.getSchemas(), "TABLE_SCHEM").contains("public"), true);
    same(column(m.getTypeInfo(), "TYPE_NAME").contains("timestamptz"), true);
    m.getImportedKeys(null, "public", "jd_child").close();
    m.getExportedKeys(null, "public", "jd").close();
    m.getCrossReference(null, "public", "jd", null, "public", "jd_child").close();
    m.getProcedures(null, null, "%").close();
    m.getFunctions(null, "pg_catalog", "abs").close();
    m.getTablePrivileges(null, "public", "jd").close();
    m.getColumnPrivileges(null, "public", "jd", "%").close();
    m.getBestRowIdentifier(null, "public", "jd", DatabaseMetaData.bestRowSession, false).close();
    m.getVersionColumns(null, "public", "jd").close();
    m.getUDTs(null, null, "%", null).close();
    m.getCatalogs().close();
    m.getTableTypes().close();
    m.getClientInfoProperties().close();
    same(m.getSQLKeywords().length() > 10, true);
    same(m.getMaxColumnNameLength(), 63);
    try (PreparedStatement s = c.prepareStatement("SELECT j.id, j.price AS cost, count(*) OVER () FROM jd j WHERE id = ?")) {
      same(s.getParameterMetaData().getParameterTypeName(1), "int4");
      ResultSetMetaData r = s.getMetaData();
      same(r.getColumnTypeName(2), "numeric"); same(r.getPrecision(2), 10); same(r.getScale(2), 2); same(r.getColumnLabel(2), "cost");
      same(((org.postgresql.PGResultSetMetaData) r).getBaseColumnName(2), "price");
      same(r.isNullable(1), ResultSetMetaData.columnNoNulls); same(r.isAutoIncrement(1), true);
    }
    try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE); ResultSet r = s.executeQuery("SELECT id, name FROM jd WHERE id < 4 ORDER BY id")) {
      r.absolute(2);
      r.updateString("name", "renamed");
      r.updateRow();
      r.absolute(1);
      r.deleteRow();
    }
    try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT id, name FROM jd WHERE id < 4 ORDER BY id")) {
      r.next(); same(r.getInt(1), 2); same(r.getString(2), "renamed"); r.next(); same(r.getInt(1), 3);
    }
  }

  static void streams(String port) throws Exception {
    try (Connection c = connect(port, ""); Connection other = connect(port, "")) {
      try (Statement s = other.createStatement()) { s.execute("CREATE STREAM jd_events (k int); CREATE MATERIALIZED VIEW jd_counts AS SELECT k, count(*) AS n FROM jd_events GROUP BY k"); }
      c.setAutoCommit(false);
      try (Statement s = c.createStatement()) {
        s.execute("DECLARE pushed CURSOR FOR SUBSCRIBE jd_counts");
        try (Statement t = other.createStatement()) { t.execute("INSERT INTO jd_events VALUES (1), (1), (2)"); }
        Set<String> seen = new TreeSet<>();
        try (ResultSet r = s.executeQuery("FETCH 10 pushed WITH (timeout = '2s')")) { while (r.next()) seen.add(r.getInt("_diff") + " " + r.getInt("k") + " " + r.getLong("n")); }
        same(seen, new TreeSet<>(List.of("1 1 2", "1 2 1")));
      }
      c.commit();
      c.setAutoCommit(true);
      try (Statement s = c.createStatement(); Statement t = other.createStatement()) {
        s.execute("LISTEN jd_news");
        t.execute("NOTIFY jd_news, 'hello'");
        same(c.unwrap(PGConnection.class).getNotifications(5000)[0].getParameter(), "hello");
      }
    }
  }

  public static void main(String[] args) throws Exception {
    String port = args[0];
    for (String options : List.of("", "&binaryTransfer=false", "&prepareThreshold=1", "&prepareThreshold=-1", "&preferQueryMode=simple", "&preferQueryMode=extendedCacheEverything")) {
      try (Connection c = connect(port, options)) { part("values" + options, () -> values(c)); }
    }
    try (Connection c = connect(port, "&reWriteBatchedInserts=true&ApplicationName=suite")) {
      part("batches", () -> batches(c));
      part("copy", () -> copies(c));
      part("cursors", () -> cursors(c));
      part("metadata", () -> metadata(c));
    }
    part("streams", () -> streams(port));
    if (failed) System.exit(1);
    System.out.println("pgjdbc: values in every mode, batches, COPY, cursors, metadata, updatable results, subscriptions, notifications work");
  }
}
