module headrace/conformance

go 1.21

require (
	github.com/jackc/pgx/v5 v5.7.6
	github.com/lib/pq v1.10.9
)
