"""SQLAlchemy over psycopg 3 and psycopg2 against a Headrace server: engine, ORM, Core, and the inspector. Arguments: port."""
import datetime
import decimal
import sys

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql

port = sys.argv[1]


class Base(orm.DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "sa_author"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(50), unique=True)
    born: orm.Mapped[datetime.date | None]
    tags: orm.Mapped[list[str] | None] = orm.mapped_column(postgresql.ARRAY(sa.Text))
    extra: orm.Mapped[dict | None] = orm.mapped_column(postgresql.JSONB)
    at: orm.Mapped[datetime.datetime] = orm.mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    books: orm.Mapped[list["Book"]] = orm.relationship(back_populates="author", primaryjoin="Author.id == foreign(Book.author_id)")


class Book(Base):
    __tablename__ = "sa_book"
    __table_args__ = (sa.CheckConstraint("price >= 0", name="price_is_positive"), sa.Index("sa_book_title", "title"), {"comment": "what is read"})
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.Text)
    price: orm.Mapped[decimal.Decimal] = orm.mapped_column(sa.Numeric(8, 2))
    author_id: orm.Mapped[int]
    author: orm.Mapped[Author] = orm.relationship(back_populates="books", primaryjoin="Author.id == foreign(Book.author_id)")


def work(engine):
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        author = Author(name="A", born=datetime.date(1950, 1, 2), tags=["x", "y,z"], extra={"a": [1, None]})
        author.books = [Book(title=f"t{i}", price=decimal.Decimal(i)) for i in range(5)]
        session.add(author)
        session.commit()
        session.refresh(author)
        assert author.at.tzinfo is not None and author.tags == ["x", "y,z"] and author.extra == {"a": [1, None]}
        loaded = session.scalars(sa.select(Author).options(orm.selectinload(Author.books)).where(Author.name.like("A%"))).one()
        assert len(loaded.books) == 5
        rows = session.execute(sa.select(Author.name, sa.func.count(Book.id), sa.func.sum(Book.price)).join(Author.books).group_by(Author.name)).all()
        assert rows == [("A", 5, decimal.Decimal("10.00"))], rows
        session.execute(sa.update(Book).where(Book.price > 3).values(price=Book.price + 1))
        insert = postgresql.insert(Author).values(id=author.id, name="A")
        session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"name": insert.excluded.name + "!"}))
        session.commit()
        try:
            with session.begin_nested():
                session.add(Author(name="A!"))
                session.flush()
            raise AssertionError("taken twice")
        except sa.exc.IntegrityError as error:
            assert getattr(error.orig, "sqlstate", None) or error.orig.pgcode == "23505"
        ranked = session.execute(sa.select(Book.title, sa.func.rank().over(order_by=Book.price.desc())).order_by(Book.id).limit(1)).first()
        assert ranked == ("t0", 5), ranked
        session.rollback()
    with engine.connect().execution_options(stream_results=True, yield_per=100) as connection:
        assert sum(1 for _ in connection.execute(sa.text("SELECT * FROM generate_series(1, 1000) g"))) == 1000
    with engine.begin() as connection:
        connection.execute(sa.insert(Book), [{"title": f"many {i}", "price": i, "author_id": 1} for i in range(300)])
        assert connection.scalar(sa.select(sa.func.count()).select_from(Book)) == 305


def inspect(engine):
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE OR REPLACE VIEW sa_view AS SELECT title FROM sa_book"))
        connection.execute(sa.text("DROP MATERIALIZED VIEW IF EXISTS sa_kept; CREATE MATERIALIZED VIEW sa_kept AS SELECT author_id, count(*) AS n FROM sa_book GROUP BY author_id"))
    look = sa.inspect(engine)
    assert {"sa_author", "sa_book"} <= set(look.get_table_names()), look.get_table_names()
    assert "sa_view" in look.get_view_names() and "sa_kept" in look.get_materialized_view_names()
    assert "public" in look.get_schema_names()
    columns = {column["name"]: column for column in look.get_columns("sa_author")}
    shown = {name: str(column["type"]) for name, column in columns.items()}
    assert shown == {"id": "INTEGER", "name": "VARCHAR(50)", "born": "DATE", "tags": "ARRAY", "extra": "JSONB", "at": "TIMESTAMP"}, shown
    assert columns["id"]["autoincrement"] and not columns["name"]["nullable"] and columns["born"]["nullable"]
    assert "now()" in columns["at"]["default"]
    assert look.get_pk_constraint("sa_book") == {"constrained_columns": ["id"], "name": "sa_book_pkey", "comment": None} or look.get_pk_constraint("sa_book")["constrained_columns"] == ["id"]
    assert [u["column_names"] for u in look.get_unique_constraints("sa_author")] == [["name"]]
    assert [i["name"] for i in look.get_indexes("sa_book")] == ["sa_book_title"]
    assert [c["name"] for c in look.get_check_constraints("sa_book")] == ["price_is_positive"]
    assert look.get_table_comment("sa_book") == {"text": "what is read"}
    assert look.get_foreign_keys("sa_book") == []
    assert "title" in look.get_view_definition("sa_view")
    assert look.has_table("sa_book") and not look.has_table("sa_nothing")
    look.get_enums()
    look.get_sequence_names()
    reflected = sa.MetaData()
    reflected.reflect(engine, views=True, only=lambda name, _: name.startswith("sa_"))
    assert set(reflected.tables) == {"sa_author", "sa_book", "sa_view", "sa_kept"}, set(reflected.tables)
    with engine.connect() as connection:
        book = reflected.tables["sa_book"]
        assert connection.scalar(sa.select(sa.func.max(book.c.price)).where(book.c.title.startswith("many"))) == decimal.Decimal("299.00")


for driver in ("psycopg", "psycopg2"):
    engine = sa.create_engine(f"postgresql+{driver}://postgres@127.0.0.1:{port}/postgres", pool_size=2)
    work(engine)
    inspect(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP MATERIALIZED VIEW sa_kept; DROP VIEW sa_view"))
    engine.dispose()

print("SQLAlchemy over psycopg and psycopg2: ORM, Core, streaming, savepoints, upserts, reflection work")
