// What the demo creates, as a user would type it.
export const FLIGHTS_STREAM = `CREATE STREAM flights (
    date timestamp NOT NULL, delay int, distance int, origin text, destination text,
    WATERMARK FOR date AS date - INTERVAL '50 minutes'
)`;

export const AIRPORTS_TABLE = `CREATE TABLE airports (
    iata text PRIMARY KEY, name text, city text, state text, country text, latitude float8, longitude float8
)`;

export const VERDICT_FUNCTION = `CREATE FUNCTION verdict(average float8) RETURNS text LANGUAGE javascript IMMUTABLE STRICT AS $$
  if (average < 0) return 'early';
  if (average < 15) return 'on time';
  return average < 45 ? 'late' : 'very late';
$$`;

export function delaysView(window: string): string {
  return `CREATE MATERIALIZED VIEW delays AS
    SELECT window_start, a.state, count(*) AS flights, round(avg(f.delay), 1) AS average_delay,
           max(f.delay) AS worst, verdict(round(avg(f.delay), 1)::float8) AS verdict
    FROM TUMBLE(flights, date, INTERVAL '${window.replaceAll("'", "''")}') f JOIN airports a ON a.iata = f.origin
    GROUP BY window_start, window_end, a.state
    EMIT ON WINDOW CLOSE`;
}

export const SUBSCRIPTION = 'DECLARE pushed CURSOR FOR SUBSCRIBE delays';
export const FETCH = "FETCH 500 pushed WITH (timeout = '500ms')";
export const STATUS = `SELECT watermark::text AS watermark, accepted_rows, late_rows FROM headrace.streams WHERE stream_name = 'flights'`;

export const WORST_STATES = `SELECT state, sum(flights) AS flights, round(sum(average_delay * flights) / sum(flights), 1) AS delay
FROM delays GROUP BY state HAVING sum(flights) > 20 ORDER BY delay DESC LIMIT 5`;

export const DELAY_BY_HOUR = `SELECT extract(hour FROM window_start) AS hour, round(sum(average_delay * flights) / sum(flights), 1) AS delay
FROM delays GROUP BY hour ORDER BY hour`;
