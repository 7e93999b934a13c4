//! The schema, forward only: each migration runs once, in order, and is never edited.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::StoreError;

/// Every migration: its name and its text.
const MIGRATIONS: [(&str, &str); 18] = [
    ("01_link", include_str!("../migrations/01_link.sql")),
    ("02_ledger", include_str!("../migrations/02_ledger.sql")),
    ("03_mirror", include_str!("../migrations/03_mirror.sql")),
    ("04_body", include_str!("../migrations/04_body.sql")),
    ("05_outbox", include_str!("../migrations/05_outbox.sql")),
    ("06_inbox", include_str!("../migrations/06_inbox.sql")),
    ("07_home", include_str!("../migrations/07_home.sql")),
    ("08_case", include_str!("../migrations/08_case.sql")),
    ("09_journal", include_str!("../migrations/09_journal.sql")),
    ("10_notice", include_str!("../migrations/10_notice.sql")),
    ("11_refold", include_str!("../migrations/11_refold.sql")),
    ("12_erased", include_str!("../migrations/12_erased.sql")),
    ("13_draft", include_str!("../migrations/13_draft.sql")),
    (
        "14_key_notice",
        include_str!("../migrations/14_key_notice.sql"),
    ),
    ("15_remains", include_str!("../migrations/15_remains.sql")),
    (
        "16_restoration",
        include_str!("../migrations/16_restoration.sql"),
    ),
    ("17_handed", include_str!("../migrations/17_handed.sql")),
    (
        "18_kept_back",
        include_str!("../migrations/18_kept_back.sql"),
    ),
];

/// Brings the schema up to date, each migration in a transaction of its own.
///
/// Fails if the database holds a migration that this program does not know.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "create table if not exists migration (name text not null primary key, run_at_ns integer not null) strict",
    )?;
    let run = already_run(connection)?;
    if let Some(newer) = run.iter().find(|name| !is_known(name)) {
        return Err(StoreError::Newer(newer.clone()));
    }
    for (name, text) in MIGRATIONS {
        if !run.iter().any(|done| done == name) {
            // A crash here leaves the earlier migrations done and this one undone: it runs at the next start.
            let transaction = connection.transaction()?;
            transaction.execute_batch(text)?;
            let at = i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
            transaction.execute(
                "insert into migration (name, run_at_ns) values ($1, $2)",
                (name, at),
            )?;
            transaction.commit()?;
        }
    }
    Ok(())
}

fn already_run(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement =
        connection.prepare("select name from migration order by name limit 10000")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Fails unless the database attached as `live` has exactly our schema: its rows are then ours, column by column.
pub(crate) fn same_as_live(connection: &Connection) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("select name from live.migration order by name limit 10000")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    if let Some(newer) = names.iter().find(|name| !is_known(name)) {
        return Err(StoreError::Newer(newer.clone()));
    }
    if names.len() < MIGRATIONS.len() {
        return Err(StoreError::Older);
    }
    Ok(())
}

fn is_known(name: &str) -> bool {
    MIGRATIONS.iter().any(|(known, _)| *known == name)
}
