selec 1
select 1 +
select 1 2
select a b c
select * from
select * from t where
select * from t where a =
select * from from t
select from where
select 1 < 2 < 3
select a = b = c
select 1 between 2 and 3 between 4 and 5
select a like b like c
select (1
select 1)
select (1, )
select array[1, 2
select case when a then 1
select case end
select cast(a int)
select cast(a as)
select a::
select f(a
select f(,)
select f(distinct)
select count(* a)
select 'abc
select E'abc
select "abc
select ""
select $$abc
select $x$abc$$
select /* abc
select 1abc
select 0x
select 0b12
select 1e+
select 100_
select B'101
select X'1F
select U&"abc
select U&'\00'
select E'\u00'
select E'\ud800x'
select E'\uffff\udc00'
select @
select a @
select a.
select a.b.
select a[1
select .a
select a..b
select \ 1
select {1}
select interval '1' day to year
select extract(from a)
select position(a, b)
select trim()
select x over y z
select sum(a) over (partition a) from t
select sum(a) over (rows between 1 and 2) from t
select 1 limit 1 limit 2
select 1 limit 1, 2
select 1 offset 1 offset 2
(select 1 order by 1) order by 1
(select 1 limit 1) limit 1
select 1 order by
select 1 group by
select 1 for
select 1 for update skip
select 1 fetch first 1 rows with ties
select distinct
select 1 union
select 1 union all
values
values (1), 2
values 1
table
with a as select 1 select 1
with a select 1
with a as (select 1)
with a as (create table t ()) select 1
insert t values (1)
insert into t
insert into t (a, b
insert into t values
insert into t values (1
insert into t values (1) on conflict
insert into t values (1) on conflict do
insert into t values (1) returning
update t
update t set
update t set a
update t set a = 1,
update t a = 1
delete t
delete from
delete from t where
merge into t using u
merge into t using u on true
create
create tabel t (a int)
create table
create table t
create table t (a
create table t (a int
create table t (a int,)
create table t (a int, b)
create table t (a int primary)
create table t (a int default)
create table t (a int check a > 0)
create table t (a int references)
create table t (a int generated always as (b))  x
create table t (primary key a)
create table select (a int)
create table t (select int)
create view v
create view v as
create view v as insert into t values (1)
create index i t (a)
create index i on t a
create function f() returns
create function f(a int, returns int as 'x'
create schema
create type t as enum (a)
create sequence s start with x
create role r foo
alter table
alter table t
alter table t add
alter table t drop
alter table t alter
alter table t alter a type
alter table t rename
alter table t rename a b
drop
drop t
drop table
drop table t,
drop table if exist t
truncate
grant select on t bob
grant select t to bob
revoke select on t to bob
comment on table t 'x'
copy t
copy t from
copy t stdin
copy (select 1) from stdin
copy t to stdout where a > 1
begin foo
start
commit and
rollback to
savepoint
set
set a
set a =
set a to
set transaction
set transaction isolation level foo
show
reset
prepare p select 1
prepare p as create table t ()
execute
deallocate
declare c for select 1
declare c cursor select 1
fetch
close
explain
explain foo
explain create view v as select 1
explain (analyze
lock t in foo mode
listen
notify
discard foo
do
call p
vacuum (full
foo bar
select 1; select 2 3; select 4
select 1;; foo
select é from t where ü ö ä
select '🚀', a b c
SELECT * FORM t
select * from t where a = 1 adn b = 2
select * from t order b
select * from t groupby a
select * from a join b
select * from a join b on
select * from a left b on true
select * from a natural join
select * from (a)
select * from (select 1
select * from lateral t
select * from t as
select * from t as select
select user.name from user
select * as x from t
select not
select a not b
select a is not
select a is foo
select a in ()
select a in 1
select a between 1
select a = any
select a = any 1
select exists (1)
select array
select row(1,
select (select 1
select a at time
select a operator(+ b
select :a
select a := 1
select 1 as
select 1 as from t
select 1 from t t2 t3
select timestamp 2020
select float(0) '1'
select a::float(60)
select sum(a) over (rows unbounded following) from t
select sum(a) over (rows 1 following) from t
select sum(a) over (rows between unbounded following and current row) from t
select sum(a) over (rows between current row and unbounded preceding) from t
select sum(a) over (rows between current row and 1 preceding) from t
select sum(a) over (rows between 1 following and current row) from t
