// tokio-postgres against a Headrace server: binary values, prepared statements, pipelines, COPY, transactions, errors, portals,
// cancels, subscriptions, notifications. Argument: port.
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{future::join_all, pin_mut, stream, SinkExt, StreamExt, TryStreamExt};
use std::time::Duration;
use tokio_postgres::{error::SqlState, AsyncMessage, Client, NoTls, SimpleQueryMessage};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn connect(port: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(&format!("host=127.0.0.1 port={port} user=postgres dbname=postgres"), NoTls).await?;
    tokio::task::spawn_local(async move {
        let _ = connection.await;
    });
    Ok(client)
}

async fn values(client: &Client) -> Result<()> {
    let at: DateTime<Utc> = "2024-05-01T12:30:00.123456Z".parse()?;
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let id = uuid::Uuid::parse_str("12345678-1234-5678-1234-567812345678")?;
    let json = serde_json::json!({"a": [1, null]});
    let row = client
        .query_one(
            "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float4, $6::float8, $7::text, $8::bytea, $9::timestamptz, $10::date, $11::uuid, $12::jsonb, $13::int4[], $14::text[], $15::int4",
            &[&true, &-7i16, &70000i32, &(1i64 << 40), &1.5f32, &2.25f64, &"wheel ü", &vec![0u8, 255], &at, &day, &id, &json, &vec![1i32, 2], &vec![Some("x"), None], &None::<i32>],
        )
        .await?;
    assert!(row.get::<_, bool>(0));
    assert_eq!(row.get::<_, i16>(1), -7);
    assert_eq!(row.get::<_, i32>(2), 70000);
    assert_eq!(row.get::<_, i64>(3), 1 << 40);
    assert_eq!(row.get::<_, f32>(4), 1.5);
    assert_eq!(row.get::<_, f64>(5), 2.25);
    assert_eq!(row.get::<_, &str>(6), "wheel ü");
    assert_eq!(row.get::<_, Vec<u8>>(7), vec![0, 255]);
    assert_eq!(row.get::<_, DateTime<Utc>>(8), at);
    assert_eq!(row.get::<_, NaiveDate>(9), day);
    assert_eq!(row.get::<_, uuid::Uuid>(10), id);
    assert_eq!(row.get::<_, serde_json::Value>(11), json);
    assert_eq!(row.get::<_, Vec<i32>>(12), vec![1, 2]);
    assert_eq!(row.get::<_, Vec<Option<String>>>(13), vec![Some("x".to_string()), None]);
    assert_eq!(row.get::<_, Option<i32>>(14), None);
    Ok(())
}

async fn work(client: &mut Client) -> Result<()> {
    client.batch_execute("CREATE TABLE rs (id int PRIMARY KEY, name text NOT NULL); CREATE TABLE rs2 (id int)").await?;
    let insert = client.prepare("INSERT INTO rs VALUES ($1, $2)").await?;
    assert_eq!(insert.params().iter().map(|t| t.name()).collect::<Vec<_>>(), ["int4", "text"]);
    let ids: Vec<i32> = (0..100).collect();
    let names: Vec<String> = ids.iter().map(|i| format!("row {i}")).collect();
    let pipelined = join_all(ids.iter().zip(&names).map(|(id, name)| {
        let client = &*client;
        let insert = &insert;
        async move { client.execute(insert, &[id, name]).await }
    }))
    .await;
    for inserted in pipelined {
        assert_eq!(inserted?, 1);
    }
    let sink = client.copy_in("COPY rs FROM STDIN").await?;
    pin_mut!(sink);
    let mut lines = stream::iter((100..1100).map(|i| Ok::<_, tokio_postgres::Error>(Bytes::from(format!("{i}\trow {i}\n")))));
    sink.send_all(&mut lines).await?;
    assert_eq!(sink.finish().await?, 1000);
    let out = client.copy_out("COPY (SELECT id FROM rs ORDER BY id LIMIT 3) TO STDOUT").await?;
    let chunks: Vec<Bytes> = out.try_collect().await?;
    assert_eq!(chunks.concat(), b"0\n1\n2\n");

    let error = client.execute(&insert, &[&1i32, &"double"]).await.unwrap_err();
    let db = error.as_db_error().unwrap();
    assert_eq!(db.code(), &SqlState::UNIQUE_VIOLATION);
    assert_eq!((db.table(), db.constraint()), (Some("rs"), Some("rs_pkey")));
    let error = client.prepare("SELECT nothing FROM rs").await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::UNDEFINED_COLUMN));

    let mut transaction = client.transaction().await?;
    transaction.execute("DELETE FROM rs WHERE id < $1", &[&10i32]).await?;
    let savepoint = transaction.savepoint("nested").await?;
    savepoint.execute("DELETE FROM rs", &[]).await?;
    savepoint.rollback().await?;
    let portal = transaction.bind("SELECT id FROM rs ORDER BY id", &[]).await?;
    let mut counts = Vec::new();
    loop {
        let rows = transaction.query_portal(&portal, 400).await?;
        if rows.is_empty() {
            break;
        }
        counts.push(rows.len());
    }
    assert_eq!(counts, [400, 400, 290]);
    transaction.commit().await?;

    let messages = client.simple_query("SELECT 1 AS a; UPDATE rs SET name = 'x' WHERE id = 20; SELECT 'b'").await?;
    let completed = messages.iter().filter(|m| matches!(m, SimpleQueryMessage::CommandComplete(_))).count();
    assert_eq!(completed, 3);

    let token = client.cancel_token();
    let (slow, _) = tokio::join!(
        client.query("SELECT count(*) FROM generate_series(1, 2000000000) g WHERE g % 3 = 1", &[]),
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            token.cancel_query(NoTls).await
        }
    );
    assert_eq!(slow.unwrap_err().code(), Some(&SqlState::QUERY_CANCELED));
    Ok(())
}

async fn streams(port: &str, client: &mut Client) -> Result<()> {
    let other = connect(port).await?;
    other.batch_execute("CREATE STREAM rs_events (k int); CREATE MATERIALIZED VIEW rs_counts AS SELECT k, count(*) AS n FROM rs_events GROUP BY k").await?;
    let transaction = client.transaction().await?;
    transaction.batch_execute("DECLARE pushed CURSOR FOR SUBSCRIBE rs_counts").await?;
    other.batch_execute("INSERT INTO rs_events VALUES (1), (1), (2)").await?;
    let rows = transaction.query("FETCH 10 pushed WITH (timeout = '2s')", &[]).await?;
    let mut seen: Vec<(i64, i32, i64)> = rows.iter().map(|r| (r.get(1), r.get(2), r.get(3))).collect();
    seen.sort();
    assert_eq!(seen, [(1, 1, 2), (1, 2, 1)]);
    transaction.commit().await?;

    let (listener, mut connection) =
        tokio_postgres::connect(&format!("host=127.0.0.1 port={port} user=postgres dbname=postgres"), NoTls).await?;
    let messages = stream::poll_fn(move |context| connection.poll_message(context));
    let reading = tokio::task::spawn_local(async move {
        pin_mut!(messages);
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message {
                return Some(notification.payload().to_string());
            }
        }
        None
    });
    listener.batch_execute("LISTEN rs_news").await?;
    other.batch_execute("NOTIFY rs_news, 'hello'").await?;
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), reading).await??.as_deref(), Some("hello"));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let port = std::env::args().nth(1).expect("port");
    tokio::task::LocalSet::new()
        .run_until(async move {
            let mut client = connect(&port).await?;
            values(&client).await?;
            work(&mut client).await?;
            streams(&port, &mut client).await?;
            println!("tokio-postgres: values, pipelines, COPY, errors, savepoints, portals, cancel, subscriptions, notifications work");
            Ok(())
        })
        .await
}
