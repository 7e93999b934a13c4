//! A copy of everything but content, and the content beside it, of one and the same moment; and the way back.
//!
//! Content is never copied where an erasure does not reach it: the caller gets it row by row and seals it.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    Body, Bytes32, LinkId, Store, StoreError, body, migration,
    sql::{private, values},
};

/// What is not copied: the content; and acts held for an hour that is past when the copy is used, which would leave twice.
const LEFT_OUT: [&str; 3] = ["body", "file_key", "held"];

/// What a copy holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Acts whose content was handed out.
    pub contents: u64,
    /// Acts held for a later hour, which are not in the copy.
    pub held: u64,
}

/// A link whose rows came from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// When it was restored.
    pub restored_at: Timestamp,
    /// How many entries our log had in the backup: what stands behind them was lost.
    pub own_size: u64,
}

/// Copies the database at `live` into a new one at `to`, and hands each content to `content`, all of one moment. A node may run
/// on `live`: it is only read.
///
/// Fails if `live` has another schema than this program, if `to` cannot be written, or with what `content` fails with.
pub fn copy<E: From<StoreError>>(
    live: &Path,
    to: &Path,
    mut content: impl FnMut(&Bytes32, &Body) -> Result<(), E>,
) -> Result<Copied, E> {
    let sql = |error: rusqlite::Error| E::from(StoreError::from(error));
    private(to).map_err(|_| StoreError::Unreadable("copy of the database"))?;
    let mut copy = Connection::open(to).map_err(sql)?;
    // The copy is of no use before it is whole, so it needs no journal of its own.
    copy.execute_batch(
        "pragma page_size = 16384; pragma journal_mode = off; pragma synchronous = full; pragma foreign_keys = off;
         pragma trusted_schema = off; pragma busy_timeout = 5000",
    )
    .map_err(sql)?;
    migration::run(&mut copy)?;
    let live = live.to_str().ok_or(StoreError::Unreadable("path"))?;
    copy.execute("attach database $1 as live", [live])
        .map_err(sql)?;
    let transaction = copy.transaction().map_err(sql)?;
    // The first look at `live` fixes the moment of all that follow.
    migration::same_as_live(&transaction)?;
    for table in tables(&transaction)? {
        let only = match table.as_str() {
            "draft" => " where held is null",
            _ => "",
        };
        let rows = format!("insert into main.{table} select * from live.{table}{only}");
        transaction.execute(&rows, []).map_err(sql)?;
    }
    let mut copied = Copied {
        held: count(&transaction, "select count(*) from live.held")?,
        ..Copied::default()
    };
    {
        let mut bodies = transaction
            .prepare(
                "select b.message, b.sealed, k.wrapped from live.body b join live.file_key k on k.message = b.message
                 order by b.message",
            )
            .map_err(sql)?;
        let mut rows = bodies.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let body = Body {
                sealed: row.get(1).map_err(sql)?,
                wrapped: row.get(2).map_err(sql)?,
            };
            content(&row.get(0).map_err(sql)?, &body)?;
            copied.contents += 1;
        }
    }
    transaction.commit().map_err(sql)?;
    Ok(copied)
}

fn tables(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(
        "select name from main.sqlite_master where type = 'table' and name <> 'migration' order by name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let copied = names
        .into_iter()
        .filter(|name| !LEFT_OUT.contains(&name.as_str()));
    Ok(copied.collect())
}

fn count(connection: &Connection, sql: &str) -> Result<u64, StoreError> {
    let number: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    u64::try_from(number).map_err(|_| StoreError::Unreadable("number"))
}

impl Store {
    /// Puts content back beside the rows of a copy, in one transaction. What stands there already stays.
    pub fn put_back(&self, contents: &[(Bytes32, Body)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            for (message, content) in contents {
                body::keep(transaction, message, content)?;
            }
            Ok(())
        })
    }

    /// Every link came from a backup.
    pub fn restored(&self, made_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.run("delete from restoration", &[])?;
            transaction.run(
                "insert into restoration (link, made_at_ns, restored_at_ns, own_size)
                 select link, $1, $2, (select count(*) from entry e where e.link = l.link) from link l",
                &values![made_at, now],
            )?;
            Ok(())
        })
    }

    /// The restoration of a link, if its rows came from a backup.
    pub fn restoration(&self, link: LinkId) -> Result<Option<Restoration>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select made_at_ns, restored_at_ns, own_size from restoration where link = $1 limit 1",
                &values![link.0],
                |row| {
                    Ok(Restoration {
                        made_at: row.instant(0)?,
                        restored_at: row.instant(1)?,
                        own_size: row.number(2)?,
                    })
                },
            )
        })
    }
}
